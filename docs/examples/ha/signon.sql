-- Once, at the primary, as Patroni's superuser: psql -v password=… -f signon.sql
CREATE ROLE signon LOGIN PASSWORD :'password';
CREATE DATABASE signon OWNER signon;
