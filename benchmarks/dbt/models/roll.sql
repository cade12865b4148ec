-- One row per row of the monthly rolls, as they were sent.
from read_csv('{{ env_var("LANDING") }}/*.csv', all_varchar = true, header = true)
