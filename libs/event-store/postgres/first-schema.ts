/**
 * `es_judge`: the units of a batch one after the other, when something may stand against one.
 * Requests of a unit lie together. A unit is refused when one of its ids is known (`p_spoilt`) or
 * one of its requests meets another version than it expects.
 */
const JUDGE_FUNCTION = `
CREATE FUNCTION event_store.es_judge(
  p_before int[], p_spoilt int[],
  r_unit int[], r_stream int[], r_expected int[], r_count int[],
  OUT accepted boolean[], OUT refused json
) LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  v_versions int[] := p_before;
  v_requests int := cardinality(r_unit);
  v_first int := 1;
  v_last int;
  v_unit int;
  v_fine boolean;
  v_met int[];
  v_refused json[] := '{}';
BEGIN
  accepted := '{}';
  WHILE v_first <= v_requests LOOP
    v_unit := r_unit[v_first];
    v_fine := v_unit <> ALL (coalesce(p_spoilt, '{}'));
    v_last := v_first;
    LOOP
      v_fine := v_fine AND v_versions[r_stream[v_last]] = r_expected[v_last];
      EXIT WHEN v_last = v_requests OR r_unit[v_last + 1] <> v_unit;
      v_last := v_last + 1;
    END LOOP;
    accepted[v_unit] := v_fine;
    IF v_fine THEN
      FOR r IN v_first .. v_last LOOP
        v_versions[r_stream[r]] := r_expected[r] + r_count[r];
      END LOOP;
    ELSE
      SELECT array_agg(v_versions[r_stream[r]] ORDER BY r) INTO v_met
        FROM generate_series(v_first, v_last) r;
      v_refused := v_refused || json_build_array(v_unit, array_to_json(v_met));
    END IF;
    v_first := v_last + 1;
  END LOOP;
  refused := array_to_json(v_refused);
END
$$;
`;

/** `es_append` as it was first (see append-function.ts for what it promises). */
const FIRST_APPEND_FUNCTION = `
CREATE FUNCTION event_store.es_append(
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
  IF v_accepted IS NULL THEN
    INSERT INTO event_store.es_events
      SELECT head_before + q.place, q.stream_id, q.version, q.id, q.type, q.recorded, q.record
      FROM unnest(e_stream, e_version, e_id, e_type, e_recorded, e_record)
        WITH ORDINALITY q(stream_id, version, id, type, recorded, record, place);
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

/** Version 1 of the schema, as it was released. */
export const FIRST_STEP = `
-- A counter row, not a sequence: a rollback leaves no gap.
CREATE TABLE event_store.es_head (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  position bigint NOT NULL
) WITH (fillfactor = 10);
INSERT INTO event_store.es_head (position) VALUES (0);

-- The version of a stream is that of its last event: a table of versions beside this one would cost
-- a quarter of every append and could contradict it. json keeps the text it was given;
-- jsonb would rewrite the bytes that the proof hashes.
CREATE TABLE event_store.es_events (
  position bigint PRIMARY KEY,
  stream_id text COLLATE "C" NOT NULL,
  version int NOT NULL,
  event_id uuid NOT NULL UNIQUE,
  type text COLLATE "C" NOT NULL,
  recorded_at timestamptz NOT NULL,
  record json NOT NULL,
  UNIQUE (stream_id, version)
);

CREATE FUNCTION event_store.es_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE '% of %.% is refused: the log is append-only', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER es_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event_store.es_events
  FOR EACH STATEMENT EXECUTE FUNCTION event_store.es_refuse();
CREATE TRIGGER es_append_only BEFORE DELETE OR TRUNCATE ON event_store.es_head
  FOR EACH STATEMENT EXECUTE FUNCTION event_store.es_refuse();
CREATE TRIGGER es_only_up BEFORE UPDATE ON event_store.es_head
  FOR EACH ROW WHEN (NEW.position <= OLD.position)
  EXECUTE FUNCTION event_store.es_refuse();
${JUDGE_FUNCTION}
${FIRST_APPEND_FUNCTION}
REVOKE ALL ON ALL TABLES IN SCHEMA event_store FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA event_store FROM PUBLIC;
`;
