/**
 * `es_append`: one batch, one statement, one round trip. Whoever appends, from whatever process,
 * goes through it; it is the only code that writes the two tables.
 *
 * The batch comes as arrays (see append-batch.ts): the streams it touches with the versions they
 * must have for all of it to be accepted, its requests in order, numbered by the unit (request or
 * group) they belong to, and its events in the order of their positions. Units are accepted or refused one after the other, each seeing those before it.
 * Nothing in it may name an event id twice; the coalescer sees to that and `UNIQUE` guards it.
 *
 * Out: `head_before`, the position before the first accepted event; `known`, where event ids of
 * the batch already stand as `[[id, stream, version, position], …]`; `refused`, the units that
 * were not accepted with the versions their requests met as `[[unit, [version, …]], …]`. Both are
 * null when everything was accepted.
 */
export const APPEND_FUNCTION = `
CREATE OR REPLACE FUNCTION event_store.es_append(
  p_streams text[], p_met int[],
  r_unit int[], r_stream int[], r_expected int[], r_count int[],
  e_unit int[], e_stream text[], e_version int[], e_id uuid[], e_type text[],
  e_recorded timestamptz[], e_record json[],
  OUT head_before bigint, OUT known json, OUT refused json
) LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_before int[];
  v_accepted boolean[];
  v_spoilt int[];
  v_count int := cardinality(e_id);
BEGIN
  -- Under an older snapshot than the lock, the checks below would not see the latest commits.
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE 'es_append needs READ COMMITTED' USING ERRCODE = '25001';
  END IF;
  IF current_setting('synchronous_commit') = 'off' THEN
    RAISE 'es_append needs synchronous_commit' USING ERRCODE = '55000';
  END IF;

  -- A statement of its own: the next one takes its snapshot after everything committed before.
  PERFORM pg_advisory_xact_lock(7812317201810);

  SELECT json_agg(json_build_array(e.event_id, e.stream_id, e.version, e.position::text))
    INTO known FROM event_store.es_events e WHERE e.event_id = ANY (e_id);
  SELECT array_agg(coalesce(s.version, 0) ORDER BY q.place) INTO v_before
    FROM unnest(p_streams) WITH ORDINALITY q(stream_id, place)
    LEFT JOIN LATERAL (
      SELECT e.version FROM event_store.es_events e WHERE e.stream_id = q.stream_id
      ORDER BY e.version DESC LIMIT 1
    ) s ON true;
  SELECT h.position INTO head_before FROM event_store.es_head h;

  IF known IS NOT NULL OR v_before <> p_met THEN
    SELECT array_agg(DISTINCT q.unit) INTO v_spoilt
      FROM unnest(e_unit, e_id) q(unit, id)
      WHERE q.id IN (SELECT (k ->> 0)::uuid FROM json_array_elements(known) k);
    SELECT j.accepted, j.refused INTO v_accepted, refused
      FROM event_store.es_judge(v_before, v_spoilt, r_unit, r_stream, r_expected, r_count) j;
    SELECT count(*) INTO v_count FROM unnest(e_unit) q(unit) WHERE v_accepted[q.unit];
  END IF;
  IF v_count = 0 THEN
    RETURN;
  END IF;

  UPDATE event_store.es_head h SET position = h.position + v_count;
  -- Arrays taken apart in a list of columns come row by row; in FROM all of it is laid down first.
  IF v_accepted IS NULL THEN
    INSERT INTO event_store.es_events
      SELECT head_before + generate_series(1, v_count), unnest(e_stream), unnest(e_version),
        unnest(e_id), unnest(e_type), unnest(e_recorded), unnest(e_record);
  ELSE
    INSERT INTO event_store.es_events
      SELECT head_before + row_number() OVER (ORDER BY q.place),
        q.stream_id, q.version, q.id, q.type, q.recorded, q.record
      FROM unnest(e_unit, e_stream, e_version, e_id, e_type, e_recorded, e_record)
        WITH ORDINALITY q(unit, stream_id, version, id, type, recorded, record, place)
      WHERE v_accepted[q.unit];
  END IF;
  PERFORM pg_notify('event_store', (head_before + v_count)::text);
END
$$;
`;
