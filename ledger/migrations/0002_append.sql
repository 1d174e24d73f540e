-- The one way in. Takes a batch of independent appends as parallel arrays and answers each:
--
--   written       first and last position, recorded_at
--   known         the command id was answered before: that first result
--   reused        the command id was answered before, to another actor or request
--   guard         a stream that the decision read has moved (in_way names it)
--   claimed       a permanent key is taken
--   version       an event does not follow the last of its stream: stale or ahead (in_way names it)
--   malformed     no events, or a topic that is not Name/n
--   not_opened    the first event ever is not the LedgerOpened that agrees with muniment.identity
--   time          a given time on a real ledger; none, or one before the head, on a simulated one
--   decide_again  recorded_at would lie outside the interval in which the decision holds
--
-- Whatever is not `written` left no trace, and the rest of the batch goes on. Each is decided by plain
-- checks under one lock; nothing is caught. All that the checks read is read after the lock is held:
-- under READ COMMITTED each statement sees what is committed by then. A caller with an older snapshot
-- would compute a position that is taken and fail on the primary key.
--
-- One statement reads and one writes where a lone event has nothing in its way; one does both for
-- several of them. Else one reads and two write, however large the batch is: what stands between them is arithmetic on arrays, in which each append sees
-- those before it.

-- The leaf of a row, hashed: nine lines, muniment.leaf/v1. It is inlined where it is called.
CREATE FUNCTION muniment.leaf_hash(
    origin text, stream uuid, version bigint, topic text, recorded_at timestamptz, state bytea,
    salt bytea, previous bytea
) RETURNS bytea LANGUAGE sql STABLE
RETURN sha256('\x00'::bytea || convert_to(
    E'muniment.leaf/v1\n' || origin || E'\n' || stream || E'\n' || version || E'\n' || topic || E'\n'
    || to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || E'\n'
    || encode(sha256(salt || state), 'hex') || E'\n' || octet_length(state) || E'\n'
    || coalesce(encode(previous, 'hex'), repeat('0', 64)) || E'\n', 'UTF8'));

CREATE FUNCTION muniment.append(
    command_ids uuid[], actors text[], request_macs bytea[],
    holds_from timestamptz[], holds_to timestamptz[], given_times timestamptz[],
    guard_counts int[], claim_counts int[], event_counts int[],
    guard_streams uuid[], guard_versions bigint[],
    claim_kinds text[], claim_macs bytea[],
    streams uuid[], versions bigint[], topics text[], states bytea[], salts bytea[]
) RETURNS TABLE (
    no int, answer text, first_position bigint, last_position bigint, written_at timestamptz, in_way uuid
) LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET lock_timeout = '5s'
AS $$
DECLARE
    opened        bool;
    simulated     bool;
    origin        text;
    topic_form    text;
    head          bigint;       -- last position so far, and its time
    head_at       timestamptz;
    last_version  bigint;
    leaf          bytea;
    moved         bool;         -- a guard
    answered      bool;         -- some command of this batch was answered before this call
    before        record;
    twin          int;
    guard_to      int := 0;
    claim_to      int := 0;
    event_from    int;
    event_to      int := 0;
    guards        int := 0;     -- of all appends together
    claims        int := 0;
    events        int := 0;
    slot          int;
    opening       jsonb;
    -- Streams that this call names, with their last version and leaf so far; 0 and NULL: none.
    named         uuid[];
    last_versions bigint[];
    last_leaves   bytea[];
    next_versions bigint[];     -- if the append in hand is written
    written       bool;
    -- What will be inserted beside the arguments; NULL where an append is refused. An array begins at
    -- whatever index is set first, so each has its first element from the start.
    firsts        bigint[];
    lasts         bigint[];
    claimed_at    bigint[];
    positions     bigint[];
    times         timestamptz[];
    leaves        bytea[];
BEGIN
    -- IF evaluates this without the cost of a statement.
    IF pg_advisory_xact_lock(7885654276) IS NULL THEN END IF;

    -- Arrays that somebody made by hand might hold an event that no append decides, or decide one that
    -- is not held: each begins at 1 and is as long as the counts say.
    FOR a IN 1 .. cardinality(command_ids) LOOP
        guards := guards + guard_counts[a];
        claims := claims + claim_counts[a];
        events := events + event_counts[a];
    END LOOP;
    IF (0 <= ALL (guard_counts) AND 0 <= ALL (claim_counts) AND 0 <= ALL (event_counts)
        AND '[1:' || cardinality(command_ids) || ']' = ALL (ARRAY[
            array_dims(command_ids), array_dims(actors), array_dims(request_macs),
            array_dims(holds_from), array_dims(holds_to), array_dims(given_times),
            array_dims(guard_counts), array_dims(claim_counts), array_dims(event_counts)])
        AND '[1:' || guards || ']' = ALL (ARRAY[
            coalesce(array_dims(guard_streams), '[1:0]'),
            coalesce(array_dims(guard_versions), '[1:0]')])
        AND '[1:' || claims || ']' = ALL (ARRAY[
            coalesce(array_dims(claim_kinds), '[1:0]'), coalesce(array_dims(claim_macs), '[1:0]')])
        AND '[1:' || events || ']' = ALL (ARRAY[
            coalesce(array_dims(streams), '[1:0]'), coalesce(array_dims(versions), '[1:0]'),
            coalesce(array_dims(topics), '[1:0]'), coalesce(array_dims(states), '[1:0]'),
            coalesce(array_dims(salts), '[1:0]')])) IS NOT TRUE THEN
        RAISE EXCEPTION 'the arrays of an append do not fit together' USING ERRCODE = '22023';
    END IF;

    -- The usual case, by the shortest way: one event, alone in its call. It is written, or the rest of
    -- the function decides; so what may be wrong with it is not told apart here.
    IF cardinality(command_ids) = 1 AND event_counts[1] = 1 AND claim_counts[1] = 0 THEN
        SELECT i.use <> 'test', i.clock = 'simulated', i.origin, coalesce(h.position, 0), h.recorded_at,
               coalesce(e.version, 0), e.leaf_hash
            INTO STRICT opened, simulated, origin, head, head_at, last_version, leaf
            FROM muniment.identity i
            LEFT JOIN LATERAL (SELECT l.position, l.recorded_at FROM muniment.events l
                               ORDER BY l.position DESC LIMIT 1) h ON true
            LEFT JOIN LATERAL (SELECT l.version, l.leaf_hash FROM muniment.events l
                               WHERE l.stream = streams[1]
                               ORDER BY l.version DESC LIMIT 1) e ON true
            WHERE i.one;
        moved := false;
        IF guard_counts[1] > 0 THEN
            moved := EXISTS (
                SELECT FROM generate_series(1, guard_counts[1]) g
                LEFT JOIN LATERAL (SELECT l.version FROM muniment.events l
                                   WHERE l.stream = guard_streams[g]
                                   ORDER BY l.version DESC LIMIT 1) l ON true
                WHERE coalesce(l.version, 0) IS DISTINCT FROM guard_versions[g]);
        END IF;
        written_at := greatest(head_at, clock_timestamp());
        IF NOT moved AND NOT simulated AND given_times[1] IS NULL
            AND versions[1] = last_version + 1 AND (head > 0 OR NOT opened)
            AND topics[1] COLLATE "C" ~ '^[A-Z][A-Za-z]+/[1-9][0-9]*$'
            AND topics[1] <> 'LedgerOpened/1'
            AND (written_at < holds_from[1] OR written_at > holds_to[1]) IS NOT TRUE THEN
            WITH command AS (
                INSERT INTO muniment.commands
                    (command_id, actor, first_position, last_position, request_mac)
                VALUES (command_ids[1], actors[1], head + 1, head + 1, request_macs[1])
                ON CONFLICT DO NOTHING RETURNING 1)
            INSERT INTO muniment.events
                (position, stream, version, topic, recorded_at, state, salt, leaf_hash)
                SELECT head + 1, streams[1], versions[1], topics[1], written_at, states[1], salts[1],
                       muniment.leaf_hash(origin, streams[1], versions[1], topics[1], written_at,
                           states[1], salts[1], leaf)
                FROM command;
            IF FOUND THEN
                no := 1;
                answer := 'written';
                first_position := head + 1;
                last_position := head + 1;
                RETURN NEXT;
                IF pg_notify('muniment', '') IS NULL THEN END IF;
                RETURN;
            END IF;
        END IF;
        written_at := NULL;
    END IF;

    -- The same for several: appends of one event each that claim nothing, of which none can stand in
    -- the way of another. All are written, or the rest of the function decides. One statement:
    -- starting three costs more than their rows.
    IF cardinality(command_ids) > 1 AND 1 = ALL (event_counts) AND 0 = ALL (claim_counts)
        AND NOT streams && guard_streams THEN
        RETURN QUERY
            WITH plain AS MATERIALIZED (
                SELECT a, coalesce(h.position, 0) + a AS position, h.at, count(*) OVER () AS found,
                       muniment.leaf_hash(h.origin, streams[a], versions[a], topics[a], h.at,
                           states[a], salts[a], e.leaf_hash) AS leaf
                FROM (SELECT i.origin, i.use, l.position,
                             greatest(l.recorded_at, clock_timestamp()) AS at
                      FROM muniment.identity i
                      LEFT JOIN LATERAL (SELECT l.position, l.recorded_at FROM muniment.events l
                                         ORDER BY l.position DESC LIMIT 1) l ON true
                      WHERE i.one AND i.clock = 'real'
                          AND NOT EXISTS (SELECT FROM muniment.commands c
                                          WHERE c.command_id = ANY (command_ids))
                          AND NOT EXISTS (
                              SELECT FROM generate_series(1, cardinality(guard_streams)) g
                              LEFT JOIN LATERAL (SELECT l.version FROM muniment.events l
                                                 WHERE l.stream = guard_streams[g]
                                                 ORDER BY l.version DESC LIMIT 1) l ON true
                              WHERE coalesce(l.version, 0) IS DISTINCT FROM guard_versions[g])) h
                CROSS JOIN generate_series(1, cardinality(command_ids)) a
                LEFT JOIN LATERAL (SELECT l.version, l.leaf_hash FROM muniment.events l
                                   WHERE l.stream = streams[a]
                                   ORDER BY l.version DESC LIMIT 1) e ON true
                WHERE versions[a] = coalesce(e.version, 0) + 1
                    AND array_position(streams, streams[a], a + 1) IS NULL
                    AND array_position(command_ids, command_ids[a], a + 1) IS NULL
                    AND topics[a] COLLATE "C" ~ '^[A-Z][A-Za-z]+/[1-9][0-9]*$'
                    AND topics[a] <> 'LedgerOpened/1' AND (h.position > 0 OR h.use = 'test')
                    AND given_times[a] IS NULL
                    AND (h.at < holds_from[a] OR h.at > holds_to[a]) IS NOT TRUE),
            event AS (
                INSERT INTO muniment.events
                    (position, stream, version, topic, recorded_at, state, salt, leaf_hash)
                SELECT p.position, streams[a], versions[a], topics[a], p.at, states[a], salts[a],
                       p.leaf
                FROM plain p WHERE p.found = cardinality(command_ids)),
            command AS (
                INSERT INTO muniment.commands
                    (command_id, actor, first_position, last_position, request_mac)
                SELECT command_ids[a], actors[a], p.position, p.position, request_macs[a]
                FROM plain p WHERE p.found = cardinality(command_ids))
            SELECT a, 'written', p.position, p.position, p.at, NULL::uuid
            FROM plain p WHERE p.found = cardinality(command_ids);
        IF FOUND THEN
            IF pg_notify('muniment', '') IS NULL THEN END IF;
            RETURN;
        END IF;
    END IF;

    SELECT i.use <> 'test', i.clock = 'simulated', i.origin,
           coalesce(h.position, 0), h.recorded_at, s.streams, s.versions, s.leaves,
           EXISTS (SELECT FROM muniment.commands c WHERE c.command_id = ANY (command_ids))
        INTO STRICT opened, simulated, origin, head, head_at, named, last_versions, last_leaves,
           answered
        FROM muniment.identity i
        LEFT JOIN LATERAL (SELECT e.position, e.recorded_at FROM muniment.events e
                           ORDER BY e.position DESC LIMIT 1) h ON true
        CROSS JOIN LATERAL (
            SELECT array_agg(d.stream) AS streams, array_agg(coalesce(e.version, 0)) AS versions,
                   array_agg(e.leaf_hash) AS leaves
            FROM (SELECT DISTINCT unnest(streams || guard_streams) AS stream) d
            LEFT JOIN LATERAL (SELECT l.version, l.leaf_hash FROM muniment.events l
                               WHERE l.stream = d.stream ORDER BY l.version DESC LIMIT 1) e ON true) s
        WHERE i.one;
    -- The library's own test cases write other topics and begin at 0; no opened ledger accepts that.
    topic_form := CASE WHEN opened THEN '^[A-Z][A-Za-z]+/[1-9][0-9]*$' ELSE '^[ -~]+$' END;

    written := false;
    firsts := '{NULL}'; lasts := '{NULL}'; claimed_at := '{NULL}';
    positions := '{NULL}'; times := '{NULL}'; leaves := '{NULL}';
    FOR a IN 1 .. cardinality(command_ids) LOOP
        no := a;
        first_position := NULL; last_position := NULL; written_at := NULL; in_way := NULL;
        guard_to := guard_to + guard_counts[a];
        claim_to := claim_to + claim_counts[a];
        event_from := event_to + 1;
        event_to := event_to + event_counts[a];

        <<decide>>
        BEGIN
            IF answered THEN
                SELECT c.actor, c.request_mac, c.first_position, c.last_position, e.recorded_at
                    INTO before
                    FROM muniment.commands c JOIN muniment.events e ON e.position = c.first_position
                    WHERE c.command_id = command_ids[a];
                IF FOUND THEN
                    IF (before.actor, before.request_mac)
                        IS DISTINCT FROM (actors[a], request_macs[a]) THEN
                        answer := 'reused';
                        EXIT decide;
                    END IF;
                    answer := 'known';
                    first_position := before.first_position;
                    last_position := before.last_position;
                    written_at := before.recorded_at;
                    EXIT decide;
                END IF;
            END IF;
            -- The same command may stand in the batch twice.
            twin := array_position(command_ids, command_ids[a]);
            WHILE twin < a LOOP
                IF firsts[twin] IS NOT NULL THEN
                    IF (actors[twin], request_macs[twin])
                        IS DISTINCT FROM (actors[a], request_macs[a]) THEN
                        answer := 'reused';
                        EXIT decide;
                    END IF;
                    answer := 'known';
                    first_position := firsts[twin];
                    last_position := lasts[twin];
                    written_at := times[array_position(positions, first_position)];
                    EXIT decide;
                END IF;
                twin := array_position(command_ids, command_ids[a], twin + 1);
            END LOOP;

            FOR g IN guard_to - guard_counts[a] + 1 .. guard_to LOOP
                IF last_versions[array_position(named, guard_streams[g])]
                    IS DISTINCT FROM guard_versions[g] THEN
                    answer := 'guard';
                    in_way := guard_streams[g];
                    EXIT decide;
                END IF;
            END LOOP;

            FOR c IN claim_to - claim_counts[a] + 1 .. claim_to LOOP
                IF EXISTS (SELECT FROM muniment.claims k
                           WHERE k.kind = claim_kinds[c] AND k.key_mac = claim_macs[c]) THEN
                    answer := 'claimed';
                    EXIT decide;
                END IF;
                FOR d IN 1 .. claim_to - claim_counts[a] LOOP
                    IF claimed_at[d] IS NOT NULL AND claim_kinds[d] = claim_kinds[c]
                        AND claim_macs[d] = claim_macs[c] THEN
                        answer := 'claimed';
                        EXIT decide;
                    END IF;
                END LOOP;
            END LOOP;

            IF event_counts[a] < 1 THEN
                answer := 'malformed';
                EXIT decide;
            END IF;
            next_versions := last_versions;
            FOR i IN event_from .. event_to LOOP
                slot := array_position(named, streams[i]);
                IF versions[i] IS DISTINCT FROM next_versions[slot] + 1 AND (opened
                    OR versions[i] <> 0 OR last_leaves[slot] IS NOT NULL
                    OR array_position(streams, streams[i], event_from) < i) THEN
                    answer := 'version';
                    in_way := streams[i];
                    EXIT decide;
                END IF;
                next_versions[slot] := versions[i];
                IF (topics[i] COLLATE "C" ~ topic_form) IS NOT TRUE
                    OR (opened AND topics[i] = 'LedgerOpened/1' AND head + i > event_from) THEN
                    answer := 'malformed';
                    EXIT decide;
                END IF;
            END LOOP;

            IF opened AND head = 0 THEN
                IF topics[event_from] <> 'LedgerOpened/1' THEN
                    answer := 'not_opened';
                    EXIT decide;
                END IF;
                opening := convert_from(states[event_from], 'UTF8')::jsonb -> 'event';
                IF NOT EXISTS (
                    SELECT FROM muniment.identity i WHERE i.one AND i.ledger = streams[event_from]
                        AND i.ledger::text = opening ->> 'ledger' AND i.origin = opening ->> 'origin'
                        AND i.institution = opening ->> 'institution'
                        AND i.clock = opening ->> 'clock' AND i.zone = opening ->> 'zone') THEN
                    answer := 'not_opened';
                    EXIT decide;
                END IF;
            END IF;

            IF (given_times[a] IS NOT NULL) <> simulated OR given_times[a] < head_at
                OR given_times[a] < '0001-01-01 UTC' OR given_times[a] >= '10000-01-01 UTC' THEN
                answer := 'time';
                EXIT decide;
            END IF;
            written_at := coalesce(given_times[a], greatest(head_at, clock_timestamp()));
            IF written_at < holds_from[a] OR written_at > holds_to[a] THEN
                answer := 'decide_again';
                written_at := NULL;
                EXIT decide;
            END IF;

            -- Nothing stands in the way.
            answer := 'written';
            written := true;
            first_position := head + 1;
            FOR i IN event_from .. event_to LOOP
                head := head + 1;
                slot := array_position(named, streams[i]);
                leaf := muniment.leaf_hash(origin, streams[i], versions[i], topics[i], written_at,
                    states[i], salts[i], last_leaves[slot]);
                last_leaves[slot] := leaf;
                positions[i] := head;
                times[i] := written_at;
                leaves[i] := leaf;
            END LOOP;
            FOR c IN claim_to - claim_counts[a] + 1 .. claim_to LOOP
                claimed_at[c] := first_position;
            END LOOP;
            last_versions := next_versions;
            last_position := head;
            head_at := written_at;
            firsts[a] := first_position;
            lasts[a] := last_position;
        END decide;
        RETURN NEXT;
    END LOOP;

    IF written THEN
        -- By subscripts: an unnest of each array would cost far more than the rows themselves.
        INSERT INTO muniment.events
            (position, stream, version, topic, recorded_at, state, salt, leaf_hash)
            SELECT positions[i], streams[i], versions[i], topics[i], times[i], states[i], salts[i],
                   leaves[i]
            FROM generate_series(1, cardinality(streams)) i WHERE positions[i] IS NOT NULL;
        INSERT INTO muniment.commands (command_id, actor, first_position, last_position, request_mac)
            SELECT command_ids[a], actors[a], firsts[a], lasts[a], request_macs[a]
            FROM generate_series(1, cardinality(command_ids)) a WHERE firsts[a] IS NOT NULL;
        IF claim_to > 0 THEN
            -- Only a key that one append names twice can be there already.
            INSERT INTO muniment.claims (kind, key_mac, position)
                SELECT claim_kinds[c], claim_macs[c], claimed_at[c]
                FROM generate_series(1, claim_to) c WHERE claimed_at[c] IS NOT NULL
                ON CONFLICT DO NOTHING;
        END IF;
        IF pg_notify('muniment', '') IS NULL THEN END IF;
    END IF;
END
$$;

REVOKE ALL ON FUNCTION muniment.append, muniment.leaf_hash FROM PUBLIC;
GRANT EXECUTE ON FUNCTION muniment.append TO muniment_writer;
