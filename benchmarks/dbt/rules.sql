-- One row per rule: how many rows break it.
unpivot (
    select sum(columns(c -> c like 'id\_%' escape '\' or c in ('area_unknown', 'blank_scheme', 'scheme_unknown', 'status_unknown',
        'date_format', 'month_format', 'amount_format', 'number_format'))::integer)
    from judged
) on *
