-- The shop of the tests, and what somebody could have put behind harmless names.
create type order_status as enum ('open', 'paid');
create table orders (id bigint primary key, customer_id int, status order_status, total numeric);
insert into orders values (1, 7, 'paid', 12.50), (2, 7, 'open', 0.10), (9007199254740993, 8, 'paid', 12345678901234567877.52);
create table items (id int primary key, order_id bigint references orders deferrable initially deferred, name text);
insert into items values (1, 1, 'pen'), (2, 1, 'ink'), (3, 2, null);
create table audit_log (what text);
create table secrets (value text);
insert into secrets values ('hidden-from-agents');
create sequence s;
create view v_harmless as select id from orders where id = 1;

create function write_order(n int) returns int language plpgsql volatile security definer as
  $$ begin insert into audit_log values ('written'); return n; end $$;
create function hidden_write(o orders) returns int language plpgsql volatile security definer as
  $$ begin insert into audit_log values ('written'); return 1; end $$;
create function write_pair(a int, b int) returns int language sql as 'select write_order(a)';
create operator &&& (function = write_pair, leftarg = int, rightarg = int);
create domain writing_domain as int check (write_order(value) > 0);
create function initcap(s order_status) returns text language sql as 'select write_order(1)::text';
create function run_text(statement text) returns int language plpgsql volatile security definer as
  $$ begin execute statement; return 1; end $$;

create view v_write as select write_order(1) as id;
create view v_nextval as select nextval('s') as id;
create view v_setval as select setval('s', 99) as id;
create view v_lock as select id from orders for update;
create view v_ddl as select run_text('create table made(a int)') as id;
create view v_truncate as select run_text('truncate audit_log') as id;
create view v_dynamic as select run_text('delete from items') as id;
create view v_copy as select run_text('copy audit_log from program ''echo written''') as id;
create view v_read_file as select pg_read_file('/etc/passwd') as text;
create view v_ls_dir as select pg_ls_dir('/') as name;
create view v_set_role as select set_config('role', 'postgres', false) as name;
create view v_config as select pg_reload_conf() as done;
create view v_large_object as select lo_create(4711)::text as id;
create view v_setting as select set_config('shop.tenant', 'left', false) as text;
create view v_setting_left as select current_setting('shop.tenant', true) as text;
create view v_settings as select name, setting from pg_settings
  where name in ('search_path', 'transaction_read_only', 'standard_conforming_strings', 'statement_timeout');

grant select, insert, update, delete on orders, items to agent;
grant select on all tables in schema public to agent;
grant usage on sequence s to agent;
revoke all on secrets from agent;
