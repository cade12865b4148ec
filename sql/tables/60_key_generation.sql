-- One row once keys were changed: the key whose pseudonyms the warehouse holds.
create table if not exists work.key_generation (
    key_id varchar
);
