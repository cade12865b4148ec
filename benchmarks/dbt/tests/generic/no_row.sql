{% test no_row(model, column_name) %}
select 1 from {{ model }} where {{ column_name }}
{% endtest %}
