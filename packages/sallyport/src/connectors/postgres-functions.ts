// The server's functions that a statement may call: a closed list, because a function can do whatever its name does not say.

// Harmless ones only: none reads files, settings or statistics, takes locks, sends messages, runs SQL that it is given as
// text (ts_stat, ts_rewrite, query_to_xml), or makes a value much larger than its arguments (repeat, lpad, array_fill).
const readFunctions = new Set(
  // numbers
  (
    'abs acos acosd asin asind atan atan2 cbrt ceil ceiling cos cot degrees div exp factorial floor gcd lcm ln log log10 ' +
    'min_scale mod pi power radians random round scale sign sin sqrt tan trim_scale trunc width_bucket bit_count ' +
    // texts and bytes
    'ascii bit_length btrim char_length character_length chr concat concat_ws convert_from convert_to decode encode ' +
    'get_bit get_byte initcap is_normalized left length like_escape lower ltrim md5 normalize octet_length overlay ' +
    'position quote_ident quote_literal quote_nullable regexp_count regexp_instr regexp_like regexp_match ' +
    'regexp_matches regexp_replace regexp_split_to_array regexp_split_to_table regexp_substr replace reverse right ' +
    'rtrim sha224 sha256 sha384 sha512 similar_to_escape split_part starts_with string_to_array string_to_table strpos ' +
    'substr substring to_hex translate unistr upper ' +
    // dates and times
    'age clock_timestamp date_add date_bin date_part date_subtract date_trunc extract isfinite justify_days ' +
    'justify_hours justify_interval make_date make_interval make_time make_timestamp make_timestamptz now overlaps ' +
    'statement_timestamp timezone to_char to_date to_number to_timestamp transaction_timestamp ' +
    // aggregates and windows
    'any_value array_agg avg bit_and bit_or bit_xor bool_and bool_or corr count covar_pop covar_samp cume_dist ' +
    'dense_rank every first_value json_agg json_object_agg jsonb_agg jsonb_object_agg lag last_value lead max min mode ' +
    'nth_value ntile percent_rank percentile_cont percentile_disc range_agg rank regr_avgx regr_avgy regr_count ' +
    'regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy row_number stddev stddev_pop stddev_samp string_agg ' +
    'sum var_pop var_samp variance ' +
    // JSON
    'array_to_json json_array_elements json_array_elements_text json_array_length json_build_array json_build_object ' +
    'json_each json_each_text json_extract_path json_extract_path_text json_object json_object_keys json_strip_nulls ' +
    'json_typeof jsonb_array_elements jsonb_array_elements_text jsonb_array_length jsonb_build_array ' +
    'jsonb_build_object jsonb_each jsonb_each_text jsonb_extract_path jsonb_extract_path_text jsonb_insert ' +
    'jsonb_object jsonb_object_keys jsonb_path_exists jsonb_path_match jsonb_path_query jsonb_path_query_array ' +
    'jsonb_path_query_first jsonb_pretty jsonb_set jsonb_set_lax jsonb_strip_nulls jsonb_typeof row_to_json to_json ' +
    'to_jsonb ' +
    // arrays, sets and ranges
    'array_append array_cat array_dims array_length array_lower array_ndims array_position array_positions ' +
    'array_prepend array_remove array_replace array_to_string array_upper cardinality daterange enum_first enum_last ' +
    'enum_range generate_series generate_subscripts int4range int8range isempty lower_inc lower_inf num_nonnulls ' +
    'num_nulls numrange range_merge trim_array tsrange tstzrange unnest upper_inc upper_inf ' +
    // text search, addresses, ids
    'abbrev broadcast family gen_random_uuid host hostmask inet_same_family masklen netmask network numnode ' +
    'phraseto_tsquery plainto_tsquery querytree setweight strip to_tsquery to_tsvector ts_headline ts_rank ts_rank_cd ' +
    'uuid_extract_timestamp uuid_extract_version uuidv4 uuidv7 websearch_to_tsquery'
  ).split(' '),
);
const writeFunctions = new Set(['nextval', 'currval', 'lastval']);

/** Whether a statement may call a function of this name; in a schema of its own, only `pg_catalog` will do. */
export function isAllowedFunction(path: readonly string[], mayWrite: boolean): boolean {
  const [name = '', schema = 'pg_catalog', ...more] = path.toReversed();
  if (more.length > 0 || schema !== 'pg_catalog') return false;
  return readFunctions.has(name) || (mayWrite && writeFunctions.has(name));
}
