-- The schema as it was after step 24, with a few plain rows in each table. No vault wrote them: seals, hashes and marks in them are
-- made up, so no vault opens this; see tests/kept.rs.
CREATE FUNCTION public.credential_edited() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    new.changed := pg_current_xact_id()::text::bigint;
    return new;
end $$;
CREATE FUNCTION public.credential_removed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    insert into credential_gone (credential, changed) values (old.id, pg_current_xact_id()::text::bigint)
        on conflict (credential) do update set changed = excluded.changed;
    return null;
end $$;
CREATE TABLE public.access_grant (
    id uuid NOT NULL,
    person uuid,
    grp uuid,
    credential uuid,
    tag text,
    site text,
    token boolean NOT NULL,
    reveal boolean NOT NULL,
    session text,
    extras text,
    change boolean NOT NULL,
    edit boolean NOT NULL,
    share boolean NOT NULL,
    audit boolean NOT NULL,
    conditions text NOT NULL,
    starts_at bigint,
    ends_at bigint,
    created_at bigint,
    created_by text,
    mark bytea
);
CREATE TABLE public.access_request (
    id uuid NOT NULL,
    credential uuid NOT NULL,
    grant_id uuid NOT NULL,
    person uuid NOT NULL,
    created_at bigint NOT NULL,
    waits_until bigint NOT NULL,
    starts_at bigint,
    ends_at bigint,
    closed text,
    terms text NOT NULL,
    closing text,
    mark bytea
);
CREATE TABLE public.api_token (
    id uuid NOT NULL,
    token bytea NOT NULL,
    person uuid NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint,
    last_used_at bigint,
    admin boolean DEFAULT false NOT NULL,
    legacy boolean DEFAULT false NOT NULL,
    parent uuid,
    mark bytea
);
CREATE TABLE public.audit_block (
    last bigint NOT NULL,
    first bigint NOT NULL,
    root bytea NOT NULL,
    entries bytea NOT NULL
);
ALTER TABLE ONLY public.audit_block ALTER COLUMN entries SET STORAGE EXTERNAL;
CREATE TABLE public.audit_checkpoint (
    size bigint NOT NULL,
    root bytea NOT NULL,
    "time" bigint NOT NULL,
    key text NOT NULL,
    signature text NOT NULL
);
CREATE TABLE public.audit_index (
    id bigint NOT NULL,
    terms bytea NOT NULL
);
ALTER TABLE ONLY public.audit_index ALTER COLUMN terms SET STORAGE EXTERNAL;
CREATE TABLE public.audit_name (
    name text NOT NULL,
    thing bytea NOT NULL
);
CREATE TABLE public.audit_record (
    seq bigint NOT NULL,
    at bigint NOT NULL,
    actor_kind text NOT NULL,
    actor uuid,
    actor_name text NOT NULL,
    act text NOT NULL,
    object_kind text,
    object uuid,
    object_name text,
    reason text,
    details text,
    hash bytea NOT NULL
);
CREATE TABLE public.audit_run (
    run bigint NOT NULL,
    since bigint NOT NULL,
    until bigint NOT NULL,
    authority bigint NOT NULL,
    mark bytea
);
CREATE TABLE public.automation (
    credential uuid NOT NULL,
    settings text NOT NULL,
    next_change_at bigint,
    next_change_because text,
    next_heartbeat_at bigint,
    heartbeat text,
    clock_offset bigint,
    clock_seen_at bigint,
    fingerprints text,
    moved text,
    browser_version uuid,
    browser_state bytea,
    browser_identity text,
    mark bytea,
    redirected_at bigint,
    pages text,
    pages_mark bytea
);
CREATE TABLE public.change (
    id uuid NOT NULL,
    credential uuid NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    reason text,
    asked_by_name text NOT NULL,
    because text NOT NULL,
    note text,
    created_at bigint NOT NULL,
    started_at bigint,
    ended_at bigint,
    not_before bigint,
    waiting_until bigint,
    candidate uuid,
    armed_at bigint,
    attempts bigint NOT NULL,
    current_tries bigint NOT NULL,
    candidate_tries bigint NOT NULL,
    settled_by text,
    asker uuid,
    site_answer text,
    submitted_at bigint
);
CREATE TABLE public.change_event (
    change uuid NOT NULL,
    seq bigint NOT NULL,
    at bigint NOT NULL,
    state text NOT NULL,
    text text NOT NULL,
    picture_version uuid,
    picture bytea
);
CREATE TABLE public.check_out (
    credential uuid NOT NULL,
    holder uuid,
    due_at bigint,
    state text NOT NULL,
    mark bytea
);
CREATE TABLE public.credential (
    id uuid NOT NULL,
    name text NOT NULL,
    name_key text NOT NULL COLLATE pg_catalog."C",
    username text NOT NULL,
    site text,
    notes text NOT NULL,
    status text NOT NULL,
    revision bigint NOT NULL,
    has_password boolean NOT NULL,
    kind text,
    algorithm text,
    digits bigint,
    period bigint,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    password_changed_at bigint,
    tags text NOT NULL,
    search text NOT NULL,
    mark bytea,
    changed bigint DEFAULT ((pg_current_xact_id())::text)::bigint,
    site_host text
);
CREATE TABLE public.credential_gone (
    credential uuid NOT NULL,
    changed bigint NOT NULL
);
CREATE TABLE public.credential_tag (
    credential uuid NOT NULL,
    tag text NOT NULL
);
CREATE TABLE public.grant_decision (
    grant_id uuid NOT NULL,
    decided_at bigint NOT NULL,
    decided_by text NOT NULL,
    mark bytea
);
CREATE TABLE public.group_member (
    id uuid NOT NULL,
    grp uuid NOT NULL,
    person uuid,
    inner_grp uuid,
    mark bytea
);
CREATE TABLE public.job (
    change uuid NOT NULL,
    run_at bigint NOT NULL,
    leased_by text,
    leased_until bigint,
    cancelled boolean NOT NULL,
    sign_in boolean DEFAULT false NOT NULL
);
CREATE TABLE public.key_slot (
    kind text NOT NULL,
    parameters bytea NOT NULL,
    wrapped bytea NOT NULL,
    number bigint DEFAULT 1 NOT NULL,
    lasting bytea DEFAULT '\x'::bytea NOT NULL
);
CREATE TABLE public.known_browser (
    token bytea NOT NULL,
    person uuid NOT NULL,
    created_at bigint NOT NULL,
    last_used_at bigint NOT NULL
);
CREATE TABLE public.last_use (
    thing uuid NOT NULL,
    used_at bigint NOT NULL,
    actor uuid NOT NULL,
    actor_name text NOT NULL,
    act text NOT NULL,
    uses bigint NOT NULL
);
CREATE TABLE public.notice (
    id uuid NOT NULL,
    change uuid,
    credential_name text NOT NULL,
    kind text NOT NULL,
    what text,
    reason text,
    way text NOT NULL,
    recipient text NOT NULL,
    created_at bigint NOT NULL,
    run_at bigint NOT NULL,
    leased_by text,
    leased_until bigint,
    attempts bigint NOT NULL,
    delivered_at bigint,
    given_up_at bigint,
    last_error text,
    request uuid,
    person text
);
CREATE TABLE public.notice_settings (
    one bigint NOT NULL,
    settings text NOT NULL,
    version uuid NOT NULL,
    sealed bytea NOT NULL,
    CONSTRAINT notice_settings_one_check CHECK ((one = 1))
);
CREATE TABLE public.passkey (
    id uuid NOT NULL,
    person uuid NOT NULL,
    credential bytea NOT NULL,
    name text NOT NULL,
    stored text NOT NULL,
    created_at bigint NOT NULL,
    last_used_at bigint,
    mark bytea
);
CREATE TABLE public.passkey_challenge (
    id uuid NOT NULL,
    holder bytea NOT NULL,
    state text NOT NULL,
    expires_at bigint NOT NULL,
    mark bytea
);
CREATE TABLE public.password_version (
    id uuid NOT NULL,
    credential uuid NOT NULL,
    number bigint NOT NULL,
    state text NOT NULL,
    sealed bytea NOT NULL,
    created_at bigint NOT NULL,
    created_by text NOT NULL,
    print bytea,
    proven_at bigint,
    proven_change uuid,
    confirmed_at bigint,
    confirmed_by text
);
CREATE TABLE public.person (
    id uuid NOT NULL,
    name text NOT NULL,
    name_key text NOT NULL,
    role text NOT NULL,
    password bytea NOT NULL,
    seed_version uuid,
    seed bytea,
    next_seed_version uuid,
    next_seed bytea,
    last_step bigint,
    disabled boolean NOT NULL,
    created_at bigint NOT NULL,
    last_sign_in_at bigint,
    email text,
    mark bytea,
    must_change boolean DEFAULT false NOT NULL,
    passkeys bigint DEFAULT 0 NOT NULL
);
CREATE TABLE public.person_group (
    id uuid NOT NULL,
    name text NOT NULL,
    name_key text NOT NULL,
    created_at bigint NOT NULL,
    mark bytea
);
CREATE TABLE public.person_link (
    person uuid NOT NULL,
    token bytea NOT NULL,
    expires_at bigint NOT NULL,
    mark bytea NOT NULL
);
CREATE TABLE public.playback (
    session uuid NOT NULL,
    bearer uuid NOT NULL,
    expires_at bigint NOT NULL,
    mark bytea NOT NULL
);
CREATE TABLE public.recovery_code (
    person uuid NOT NULL,
    code bytea NOT NULL
);
CREATE TABLE public.schema_version (
    number bigint NOT NULL,
    name text NOT NULL,
    checksum bigint NOT NULL,
    applied_at bigint NOT NULL
);
CREATE TABLE public.seed (
    credential uuid NOT NULL,
    version uuid NOT NULL,
    sealed bytea NOT NULL,
    print bytea NOT NULL,
    counter bigint,
    mark bytea
);
CREATE TABLE public.session (
    id uuid NOT NULL,
    credential uuid,
    credential_name text NOT NULL,
    change uuid,
    sign_in boolean NOT NULL,
    state text NOT NULL,
    ended_why text,
    end_wish text,
    started_by uuid NOT NULL,
    started_by_name text NOT NULL,
    reason text,
    created_at bigint NOT NULL,
    live_at bigint,
    ended_at bigint,
    seen_at bigint,
    node text,
    idle_seconds bigint NOT NULL,
    longest_seconds bigint NOT NULL,
    recorded_ms bigint NOT NULL,
    recorded_bytes bigint NOT NULL,
    dropped_at bigint,
    request uuid
);
CREATE TABLE public.session_link (
    token bytea NOT NULL,
    session uuid NOT NULL,
    person uuid NOT NULL,
    level text NOT NULL,
    expires_at bigint NOT NULL,
    used_at bigint,
    mark bytea
);
CREATE TABLE public.session_part (
    session uuid NOT NULL,
    seq bigint NOT NULL,
    from_ms bigint NOT NULL,
    to_ms bigint NOT NULL,
    is_key boolean NOT NULL,
    frames bigint NOT NULL,
    events bigint NOT NULL,
    bytes bigint NOT NULL,
    key_number bigint DEFAULT 1 NOT NULL
);
CREATE VIEW public.shown_change AS
 SELECT change.id,
    change.credential,
    change.kind,
    change.state,
    change.reason,
    change.asked_by_name,
    change.because,
    change.note,
    change.created_at,
    change.started_at,
    change.ended_at,
    change.not_before,
    change.waiting_until,
    change.candidate,
    change.armed_at,
    change.attempts,
    change.current_tries,
    change.candidate_tries,
    change.settled_by,
    change.asker,
    change.site_answer,
    change.submitted_at
   FROM public.change
  WHERE (change.kind <> 'sign_in'::text);
CREATE TABLE public.sign_in_count (
    scope text NOT NULL,
    key bytea NOT NULL,
    failures bigint NOT NULL,
    locked_until bigint,
    last_at bigint NOT NULL
);
CREATE TABLE public.step_use (
    credential uuid NOT NULL,
    step bigint NOT NULL,
    person uuid NOT NULL,
    name text NOT NULL,
    machine boolean NOT NULL,
    claimed boolean NOT NULL,
    at bigint NOT NULL
);
CREATE TABLE public.vault (
    one bigint NOT NULL,
    id uuid NOT NULL,
    created_at bigint NOT NULL,
    revision bigint NOT NULL,
    audit_size bigint NOT NULL,
    audit_indexed bigint NOT NULL,
    audit_root bytea NOT NULL,
    second_factor_required boolean NOT NULL,
    setup_link bytea,
    names_normalised boolean DEFAULT false NOT NULL,
    marked_at bigint,
    mark bytea,
    marks bigint DEFAULT 1 NOT NULL,
    set_up_at bigint,
    uses_counted bigint DEFAULT 0 NOT NULL,
    review_days bigint DEFAULT 90 NOT NULL,
    CONSTRAINT vault_one_check CHECK ((one = 1))
);
CREATE TABLE public.vault_key (
    number bigint NOT NULL,
    id text NOT NULL,
    created_at bigint NOT NULL,
    active_at bigint,
    kind text,
    parameters bytea,
    wrapped bytea,
    lasting bytea
);
CREATE TABLE public.web_session (
    id uuid NOT NULL,
    token bytea NOT NULL,
    person uuid NOT NULL,
    created_at bigint NOT NULL,
    last_used_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    agent text NOT NULL,
    confirmed_at bigint DEFAULT 0 NOT NULL,
    mark bytea
);
INSERT INTO public.access_grant VALUES
	('7f4c80d8-da81-d59c-496f-c5906a8ddbc0', 'b0cb0697-a0c4-fe68-adeb-3934253b60e0', NULL, 'ef0577f4-dcae-55bc-9b85-c1266c4de188', NULL, NULL, false, false, 'control', NULL, false, false, false, false, '{}', 1770000000000000, 1770000000000000, 1770000000000000, 'access_grant created_by 1', '\x55b85469e49e7907e7fde10afce896da79828918035f80780b3f49616cb31308'),
	('b11ab33d-7b45-392b-16c8-17fdc7f43a7f', NULL, '90c695f6-0bcc-8fe0-21dc-e66d98dc230b', NULL, 'shops', NULL, true, true, NULL, NULL, true, true, true, true, '{}', 1770000000000001, 1770000000000001, 1770000000000001, 'access_grant created_by 2', '\xa7a853b495344d7159031d8ba5ac387bb5cf95908b09463e055bcd3cba41dc2d');
INSERT INTO public.access_request VALUES
	('f6dd1de2-3f75-47cd-d6f9-15d890642ff6', 'ef0577f4-dcae-55bc-9b85-c1266c4de188', 'bdc5ee6f-0364-3128-9862-858d7da1f909', 'b0cb0697-a0c4-fe68-adeb-3934253b60e0', 1770000000000000, 1770000000000000, 1770000000000000, 1770000000000000, 'ended', '{}', 'access_request closing 1', '\xcddec2c2aa349481d69d241476dc820bf79d24561f9956731fc32d898cc7836d'),
	('10531d6d-0e39-f07a-9c30-6f020a36d09b', '764bf46d-e05f-8bbe-c499-cef924567390', '053e2c68-6412-973f-9bf0-bb0e34a43473', '1a5a450d-06b3-044f-fda0-fe015cc780b2', 1770000000000001, 1770000000000001, 1770000000000001, 1770000000000001, NULL, '{}', 'access_request closing 2', '\x2eb78eb28cc0c4f5935e73489eab79ca53665e0d892a72d89569e83c67341993');
INSERT INTO public.api_token VALUES
	('49f7ce41-4634-b77d-2deb-b4541c933395', '\x559bc1a8f2e81907d6d410f323382b878e20a0930281028c20afb1311cfa0c0d', 'b0cb0697-a0c4-fe68-adeb-3934253b60e0', 'api_token name 1', 'administrator', 1770000000000000, 1770000000000000, 1770000000000000, false, false, NULL, '\xe18428bea2d03680112921533ab9a550acfd31edc0e8d01ae5cc295b058cd1a4'),
	('fb9cf50e-286a-ebf9-aad1-99b8cd73ad4e', '\x36564eb9e12bfb74b6e0a68cd9084a0c1b041189ee0092da23151dd138a9da3a', '1a5a450d-06b3-044f-fda0-fe015cc780b2', 'api_token name 2', 'member', 1770000000000001, 1770000000000001, 1770000000000001, true, true, NULL, '\xf6b76c2adce1d4cbdfb7726eecdec868805934b5ec6c6baed0c379d79307e3fc');
INSERT INTO public.audit_block VALUES
	(1, 1, '\xff9a8b25efd606b1d361bcdd2771314d18a890586798b951859ef8d370122b97', '\xc84181832c5c9829a6eb346135a12a8af157c61cc36fad1016024e3f2aa7c3fc'),
	(2, 2, '\xad07189d5883b026e33af83a16c5a44c1c0e19f9d69000fc4849bab98d9c9b54', '\x0c9ea73b58dc451f398cd82a77d147bdace5493ec6e188ddf2064c43f948e4cf');
INSERT INTO public.audit_checkpoint VALUES
	(1, '\x3356f983a8ecb6cc9828375f72b31daf5ae87de064510feea247d4c7bbb74315', 1770000000000000, 'audit_checkpoint key 1', 'audit_checkpoint signature 1'),
	(2, '\x272acdb3bf24611af618e2191ba0710647cb86659eeca488c32b2c24b4a4de18', 1770000000000001, 'audit_checkpoint key 2', 'audit_checkpoint signature 2');
INSERT INTO public.audit_index VALUES
	(1, '\xd1f82027afc038ff1b0d808c5da2a5c7764af34b6c83e98af6de501ce75a85b7'),
	(2, '\xa4883dd636de4b21c9ff5fb5334dca044b09c037015fd4566ba2e5bd2614efe0');
INSERT INTO public.audit_name VALUES
	('audit_name name 1', '\xdec25f6b82eb60f877f554af127022de8d58220a292e7d432c3985404368fcd6'),
	('audit_name name 2', '\x3e59670645f333a11d80250d98118c6798c3236fca9eec16c158db082481a722');
INSERT INTO public.audit_record VALUES
	(1, 1770000000000000, 'person', 'fb7de39c-3f1e-ece0-ca77-e1fd2f3c9d8b', 'audit_record actor_name 1', 'token.read', 'credential', '0c8da256-33d9-1d23-e994-0a1e67f26645', 'audit_record object_name 1', NULL, NULL, '\x031de59378250192c5433d5b90937632562b24997f064ab0627efc4808e6f7ee'),
	(2, 1770000000000001, 'system', 'f7c59064-4080-f458-80bf-018504c6a62a', 'audit_record actor_name 2', 'credential.added', NULL, '7da37082-0ee9-e165-7c76-7a4688625595', 'audit_record object_name 2', 'site_unavailable', '{"to":"member"}', '\x414f7ab5f75f6ca9ba2ad9d28299c98331ae1fb63d128a2cb2ceec82052cb44f');
INSERT INTO public.audit_run VALUES
	(1, 1, 1770000000000000, 1, '\x8fe34d4154db4b09d823d985b3322a13e5163bea977a4ee493d3b9f27451a329'),
	(2, 2, 1770000000000001, 2, '\x47bbbab7f589fddb66850b2844a97186f2f9cc09f8afc9f66d0e913eee633aff');
INSERT INTO public.automation VALUES
	('ef0577f4-dcae-55bc-9b85-c1266c4de188', '{}', 1770000000000000, 'automation next_change_because 1', 1770000000000000, 'automation heartbeat 1', 1, 1770000000000000, 'automation fingerprints 1', 'automation moved 1', 'b46c5c36-615c-9a02-8aef-9cd6d846ad5f', '\x3ea770892c279071e8acbb4da2c648c3682935e79e5079fc73ebee0f77011ffe', 'automation browser_identity 1', '\xdf0714e0836173575ef65628b849983efe2932957bd0d5f00ee0962fbea5f6ac', 1770000000000000, 'automation pages 1', '\x3c2ac52953fb4ec84fcba44ba28d852c55987caaa42e4f1b99bdf282ae794970'),
	('764bf46d-e05f-8bbe-c499-cef924567390', '{}', 1770000000000001, 'automation next_change_because 2', 1770000000000001, 'automation heartbeat 2', 2, 1770000000000001, 'automation fingerprints 2', 'automation moved 2', '3f7bc610-482a-17d5-8627-64f8822dbe3d', '\x04c480b46c730c7013f979a5dfbd2bbd3372e71a785015405d16d735e0a0ad59', 'automation browser_identity 2', '\x6c2a9a070c6a90ba6801e2005e2c39ccc19e9ce1929a2e82e575157d3b0c3e33', 1770000000000001, 'automation pages 2', '\x6db4c442e107ab613361a33d7680b36bb62dc7ff71039b2046680991433ce4c8');
INSERT INTO public.change VALUES
	('27f31e2d-37ca-0d00-88c6-f77a8f2fa1f9', 'ef0577f4-dcae-55bc-9b85-c1266c4de188', 'change', 'changed', NULL, 'change asked_by_name 1', 'person', 'change note 1', 1770000000000000, 1770000000000000, 1770000100000000, 1, 1770000000000000, '6c11620d-1c4e-437b-0ab3-5807ba26e25b', 1770000000000000, 1, 1, 1, 'change settled_by 1', '1616540e-75c4-fc11-eb96-49fdf55ebcfd', 'change site_answer 1', 1770000000000000),
	('3043a46c-955c-67cb-82cf-f266543fef55', '764bf46d-e05f-8bbe-c499-cef924567390', 'test', 'failed', 'site_unavailable', 'change asked_by_name 2', 'schedule', 'change note 2', 1770000000000001, 1770000000000001, 1770000200000000, 2, 1770000000000001, 'd8a59e41-ee9f-47c2-8b83-91526ce57797', 1770000000000001, 2, 2, 2, 'change settled_by 2', '3870bebc-613e-658d-c588-2da7531c200e', 'change site_answer 2', 1770000000000001);
INSERT INTO public.change_event VALUES
	('27f31e2d-37ca-0d00-88c6-f77a8f2fa1f9', 1, 1770000000000000, 'changed', 'opens the page', '9cbae3d3-aa57-f72e-5d8b-1a103b012c59', '\x4661dae0f3b0836705487974629ad86c45a3dd42da62fade6a7d36ab620e2dcc'),
	('3043a46c-955c-67cb-82cf-f266543fef55', 2, 1770000000000001, 'failed', 'signs in', 'eb90b1fa-b836-117f-d0fa-200059d8ef9d', '\x7bb15868b0a29158c90fae501d1a9cee3f348b72ce5e46cbcc816b6fa1f8e56a');
INSERT INTO public.check_out VALUES
	('ef0577f4-dcae-55bc-9b85-c1266c4de188', '7f3e8e35-bd8b-06dd-7ab8-94a72b348432', 1770000000000000, '{}', '\xbb03cd47471238f987c413a26cbfbf6cbd77593bf05a74d611ebe97b0d01aba9'),
	('764bf46d-e05f-8bbe-c499-cef924567390', 'e0f414df-54ad-4666-3926-e17f53c4fbf0', 1770000000000001, '{}', '\x3c91d76edcdb80ef7ae7b08b81888a7e2aaebb9bceea03f637629ebe1b64585a');
INSERT INTO public.credential VALUES
	('ef0577f4-dcae-55bc-9b85-c1266c4de188', 'Shop', 'shop', 'shop@example.org', 'https://www.example.org/login', 'Ask Mia first.', 'ok', 1, false, 'totp', 'SHA1', 1, 1, 1770000000000000, 1770000000000000, 1770000000000000, 'social', 'shop', '\x3faa591fbbd820c58d7d97f5521ebfb566fe81b3b61a95f7a3127bcfd03a4d10', 1, 'www.example.org'),
	('764bf46d-e05f-8bbe-c499-cef924567390', 'Café', 'café', 'bank@example.org', 'https://[2001:db8::1]:8443/', '', 'ok', 2, true, 'hotp', 'SHA256', 2, 2, 1770000000000001, 1770000000000001, 1770000000000001, 'shops social', 'café', '\x70b69ed0bf819727fa995af1514b50809ab30a5b7e93e67e9175172d74ee6c8a', 2, '[2001:db8::1]');
INSERT INTO public.credential_gone VALUES
	('f8f10fcf-1263-0fbe-116e-198aa93d0044', 1),
	('49d56ca0-4d2d-6494-5efe-f8bf5828fa0a', 2);
INSERT INTO public.credential_tag VALUES
	('ef0577f4-dcae-55bc-9b85-c1266c4de188', 'social'),
	('764bf46d-e05f-8bbe-c499-cef924567390', 'shops');
INSERT INTO public.grant_decision VALUES
	('7f4c80d8-da81-d59c-496f-c5906a8ddbc0', 1770000000000000, 'grant_decision decided_by 1', '\x726ceddba42714e2182efde5040c26f515e63b3f570afe42c99cb0ebd2104ee2'),
	('b11ab33d-7b45-392b-16c8-17fdc7f43a7f', 1770000000000001, 'grant_decision decided_by 2', '\x1a5e3bcdba272970f5bce5f9e614fb64f1e508ec6d718b16f00793079100b7e6');
INSERT INTO public.group_member VALUES
	('dd823fc8-60c7-2816-9774-0a5706efe733', '0d266226-0255-1c51-eb0f-0c129213ed21', 'b0cb0697-a0c4-fe68-adeb-3934253b60e0', NULL, '\x0a59c1b283924e2972051875479e10b612cc8eab6af0ff5dd51610013a963fc6'),
	('01b4368f-7f38-5cfb-41f5-e2dac9cce877', '0d266226-0255-1c51-eb0f-0c129213ed21', NULL, '90c695f6-0bcc-8fe0-21dc-e66d98dc230b', '\xceb6c07fd481bfabd332796802e11b7953a916b36dccaa9be08e5f9345f9b797');
INSERT INTO public.job VALUES
	('27f31e2d-37ca-0d00-88c6-f77a8f2fa1f9', 1770000000000000, 'job leased_by 1', 1770000000000000, false, false),
	('3043a46c-955c-67cb-82cf-f266543fef55', 1770000000000001, 'job leased_by 2', 1770000000000001, true, true);
INSERT INTO public.key_slot VALUES
	('key_file', '\x94ad38b7213dd923f051e32109f351af8e6a10451e27221e0ccc615831590de3', '\x42b6ab5996d1ece14a18bfd7dd903b3b470d31198901daface6e4904d3ef4c4c', 1, '\x4c9f3402617ee8c152642d1b49c52ed434724ad1a602f819132623200a84c937'),
	('passphrase', '\x275c5857873036e77f43618b1fcdb5e2f49bc0b15b6645d9ebc10d7ae432707e', '\x22dc3042d9b5102a3c065f94fdc276fa3741375411de103558667d3c59a21e81', 2, '\xdd4da2655abde2b9bf37f54f386a78bd5624629942fb7c2a9b20e0ff1f9c7b99');
INSERT INTO public.known_browser VALUES
	('\x0ca1a4cefb7494cd4d84e782ebe6c27acda3384ebef9f1e57fd47d73234cee1e', 'b0cb0697-a0c4-fe68-adeb-3934253b60e0', 1770000000000000, 1770000000000000),
	('\x43516d2ba32154a25c72f3e073962870d49c474b2a658af6f4d92dd4eb5ab917', '1a5a450d-06b3-044f-fda0-fe015cc780b2', 1770000000000001, 1770000000000001);
INSERT INTO public.last_use VALUES
	('b2da724b-3ffe-b963-dfbc-d9e3f95eaf65', 1770000000000000, 'c985cc0a-98ee-3f7b-2868-98e8bc7cdeaa', 'last_use actor_name 1', 'token.read', 1),
	('58b31457-8b21-1ca2-1c2f-918200239866', 1770000000000001, '75353dd6-73e5-afa1-7d33-acd600d8f1bd', 'last_use actor_name 2', 'credential.added', 2);
INSERT INTO public.notice VALUES
	('04c66aff-493c-5e83-7f75-b9c8e92fc649', 'd9aeb48b-da33-d8cf-883b-0ad28a980e6b', 'notice credential_name 1', 'change', 'notice what 1', NULL, 'mail', 'team@example.org', 1770000000000000, 1770000000000000, 'notice leased_by 1', 1770000000000000, 1, 1770000000000000, 1770000000000000, 'notice last_error 1', 'b51d9c57-7250-3e1f-1244-26143daac329', 'notice person 1'),
	('2c567846-97dd-d390-e8a6-74c40fb9b7a8', 'a84b4e6a-36de-9933-51c3-6890f1a3bcaf', 'notice credential_name 2', 'change', 'notice what 2', 'site_unavailable', 'webhook', 'https://hooks.example.org/', 1770000000000001, 1770000000000001, 'notice leased_by 2', 1770000000000001, 2, 1770000000000001, 1770000000000001, 'notice last_error 2', '2f5a16e1-c737-9285-f0ac-f9efaa8df1ce', 'notice person 2');
INSERT INTO public.notice_settings VALUES
	(1, '{}', '9579cb15-a6b9-33fa-cfd7-0a835c0ae726', '\x007403b1217066e26ba1526700c583736bd1fb0ad5c7fc58d47e73cad7cf9c83');
INSERT INTO public.passkey VALUES
	('2e40b09f-0ce9-52aa-dfbd-9157ac0bf3ef', 'b0cb0697-a0c4-fe68-adeb-3934253b60e0', '\x4cb16dc018985cb1b9c18b33b7b2c032aee2e14fbf4046ca254d11a38dddc1e0', 'passkey name 1', '{}', 1770000000000000, 1770000000000000, '\xbbb7f0f9df1093a05b33626c2f03c929d41005c41e937adaf9761cd7a7d6a0e8'),
	('cd282ca3-955a-6cc6-956c-33f209a39248', '1a5a450d-06b3-044f-fda0-fe015cc780b2', '\xdd3a00248b7f9eb9c4a7a40d545ea4f364fbbf8e4c84af1e8fd197e13c0ae2eb', 'passkey name 2', '{}', 1770000000000001, 1770000000000001, '\x51036228240a53e908b5a34af90447371a4fa1bce656d698d442edfde4409633');
INSERT INTO public.passkey_challenge VALUES
	('5609115a-13b5-ec92-7f0c-80a4863311c4', '\xddb0f4e94825ae5e8f385a9488f6d45d88b78b898669ebfc7c55f4b8d62eef0c', 'changed', 1770000000000000, '\x168478212a62ea4490b8152411f938599e0973ee0ec91d4021963b4866461c49'),
	('b42d49c3-2226-bb86-bab3-ab6d315bb4dc', '\x62518a293ca3031ba1d1398fc45251f42f9183ab404cbef1f1a504cc8abd98c9', 'failed', 1770000000000001, '\x1ebbef3be51530839ca56902850d2e35a53b414b52e5dbb44213b94814010989');
INSERT INTO public.password_version VALUES
	('2ef29b92-102f-db38-5348-f58455a38e50', 'ef0577f4-dcae-55bc-9b85-c1266c4de188', 1, 'changed', '\x7ce2a3a2035bcf50e98d9207ce678945b0b8d2234fa057c4d7b92470a3e5709a', 1770000000000000, 'password_version created_by 1', '\x03c27f5d536975c9a4f0728f7d35c5db8626eafaa58fc57c04e4c2ca06e98ff0', 1770000000000000, '950517f9-cb54-4603-3c63-145d12b1bbcc', 1770000000000000, 'password_version confirmed_by 1'),
	('255462a1-47e6-745c-43bb-b8d3e327000d', '764bf46d-e05f-8bbe-c499-cef924567390', 2, 'failed', '\xbca5c7fd71b8c1a83db2964e05e565996f6a773e75bbed6143cb36173add3ae6', 1770000000000001, 'password_version created_by 2', '\x8799c8ac8321580fc23c3edbd7f38a68c3404faa7626426ba2a9a2f678ead948', 1770000000000001, '1b1db9a7-56a7-7e6d-9dda-a8171af472bf', 1770000000000001, 'password_version confirmed_by 2');
INSERT INTO public.person VALUES
	('b0cb0697-a0c4-fe68-adeb-3934253b60e0', 'Mia', 'mia', 'administrator', '\xcfb0ceec8f16ae471c5ecdd06e0fa66b04b5d2052c5c8b710d45f39145b8436d', 'db5e85f1-718c-0d84-1d48-d189ece69425', '\x8781441a05406b2f70e9b2203e66ea12a2897e83c4bd7ea0d14c9a34d9889dba', '52de167a-b81e-a6e5-ed7e-548a478e7507', '\x9e7462b39f9bdbd27d2aac52dbf9a9ff6261fb903fa2eb75cfdaf18c75b53515', NULL, false, 1770000000000000, 1770000000000000, 'mia@example.org', '\xf47d8b23bab7ec031d99039f66df975a7836e4672ae3e82e72c0db88e9415ba0', false, 1),
	('1a5a450d-06b3-044f-fda0-fe015cc780b2', 'max', 'max', 'member', '\x3d190517e4b5805c27c255aef8f28e2ff8df0599fb9b5a6391b005f5d002fd06', '3c431ac9-8718-5344-ad75-3ddd0d11b4a8', '\xff19182b1f1915b009124df1bf52c49e421782677682c7bef0e55cea7f3f33e7', 'd11220b4-c537-0f99-869d-ead4cd0b72e5', '\x2b70f85e9f0d54bda575909e7102ea6f12c939ab780f2c7c568c9b70979e7594', 41152263, true, 1770000000000001, 1770000000000001, NULL, '\x1f4a744cc04190271b15dad0d47e28f39f5f881fa5aeae1c655bd90fab455548', true, 2);
INSERT INTO public.person_group VALUES
	('0d266226-0255-1c51-eb0f-0c129213ed21', 'person_group name 1', 'person_group name_key 1', 1770000000000000, '\x374e20513d1f71d64e75d61f62448a4407fb0807f58a67cbc0970f4c76fd3372'),
	('90c695f6-0bcc-8fe0-21dc-e66d98dc230b', 'person_group name 2', 'person_group name_key 2', 1770000000000001, '\x81e368a7b8936afff1e12a5231d7673264bfd71472d4d9ab4da05204e1eceb5d');
INSERT INTO public.person_link VALUES
	('b0cb0697-a0c4-fe68-adeb-3934253b60e0', '\x6e1035701cbb50f1bc569281b22aa5ec3af8382c3a92884f5e0d04f490b4e8ee', 1770000000000000, '\x061ca8dc505967fff5ed5ed31b11afc015cdd0f96a7408ccc3367cc0f8a88d02'),
	('1a5a450d-06b3-044f-fda0-fe015cc780b2', '\xabe75884361141105ff6b17197d6ede4bcf2821200da9c8f3e781afd246c5bf9', 1770000000000001, '\xbcd3d2ff2b2382e9649812f59aaac3ea87cb1d645157a40afb9b910f30eb0af6');
INSERT INTO public.playback VALUES
	('be379967-4b87-4a62-d137-dde58faf4206', '4e002fd4-d030-d336-dce8-a758b84686b0', 1770000000000000, '\xfcdfab6fe3922ccdb88d6b6146ea575a0ee97a28f0d6a7a83d2fb1d979acb357'),
	('bee81bd9-1455-947a-21c2-a01df2ee2af2', '81ac0f02-406a-3c3a-f012-29bcd942766c', 1770000000000001, '\xec8e3e2614fa64acf2c732483b55e790350f6690ff3d71e6dbe3aa4f22129b9c');
INSERT INTO public.recovery_code VALUES
	('b0cb0697-a0c4-fe68-adeb-3934253b60e0', '\xffcbca8bd19d8d0084ea8d4959ab3d883eafa2c2bbb88b51aaae9f3227f61065'),
	('1a5a450d-06b3-044f-fda0-fe015cc780b2', '\x39afd51ed254b5a855f5607005ddd09df9d7170f5953cf5e27f77052f73c746a');
INSERT INTO public.schema_version VALUES
	(1, '0001_vault', 7934198409276423637, 1770000000000000),
	(2, '0002_change', 3351754685266262417, 1770000000000000),
	(3, '0003_session', 4479152192315330539, 1770000000000000),
	(4, '0004_recovery', 4368998234299805900, 1770000000000000),
	(5, '0005_proof', 856663288263318468, 1770000000000000),
	(6, '0006_notice', 8494718177768487429, 1770000000000000),
	(7, '0007_sign_in', -929051747610618448, 1770000000000000),
	(8, '0008_scope', -7989784303896811108, 1770000000000000),
	(9, '0009_mark', -2328164966833611275, 1770000000000000),
	(10, '0010_site_answer', 5273570599437065823, 1770000000000000),
	(11, '0011_redirected', 1763005718252992305, 1770000000000000),
	(12, '0012_playback', -4572139546401178688, 1770000000000000),
	(13, '0013_first_password', 4848403926722057364, 1770000000000000),
	(14, '0014_vault_key', 7051001903669029130, 1770000000000000),
	(15, '0015_more_marks', -3852200190814407074, 1770000000000000),
	(16, '0016_shown_change', 4982494373308979632, 1770000000000000),
	(17, '0017_audit_block', -3812382572296578341, 1770000000000000),
	(18, '0018_learnt_pages', 9092942006157920642, 1770000000000000),
	(19, '0019_credential_changed', -1194429948936764805, 1770000000000000),
	(20, '0020_grant', 563316008643866286, 1770000000000000),
	(21, '0021_request', -1484903644041909667, 1770000000000000),
	(22, '0022_check_out', 1788065476129236348, 1770000000000000),
	(23, '0023_review', 5777574833889912405, 1770000000000000),
	(24, '0024_passkey', -4109528604594500470, 1770000000000000);
INSERT INTO public.seed VALUES
	('ef0577f4-dcae-55bc-9b85-c1266c4de188', '6bca9387-fe77-6797-252f-4c04c2d6684f', '\x50c84f753c4e579b5ae141577de8f64596124671a07b3c6bf92fb399dfbbb740', '\xdc5626ed9932cd7eeda5314ec64f215b35b3e1eae4005157486abc5b97ed1843', 1, '\xe08caf434c57b633aacc97e13305a47dacb7c27b90a5a44635913403060c25d1'),
	('764bf46d-e05f-8bbe-c499-cef924567390', 'f7a36d1f-e002-0ef1-40a2-2e02067c2d8b', '\x8a617a57c8e166d7b0342564e1b7adde2bd3d27b7b2ae783b537c77ecb907dd3', '\xe3c6098e3cdc404be4d5bb2eade56e91a273aef47076616e900a9307ad93ef08', 2, '\x16ca5a0b10d6b058eea1bfafe4e72288ababbd5b3960ba840ba6c6899220c4c0');
INSERT INTO public.session VALUES
	('be379967-4b87-4a62-d137-dde58faf4206', 'ef0577f4-dcae-55bc-9b85-c1266c4de188', 'session credential_name 1', '27f31e2d-37ca-0d00-88c6-f77a8f2fa1f9', false, 'ended', 'person', 'session end_wish 1', '789bf638-fcef-8a16-7cca-a232b0495add', 'session started_by_name 1', NULL, 1770000000000000, 1770000000000000, 1770000100000000, 1770000000000000, 'session node 1', 1, 1, 1, 1, 1770000000000000, '55e1e01d-72bc-c723-dd3f-50562941ca94'),
	('bee81bd9-1455-947a-21c2-a01df2ee2af2', '764bf46d-e05f-8bbe-c499-cef924567390', 'session credential_name 2', '3043a46c-955c-67cb-82cf-f266543fef55', true, 'ended', NULL, 'session end_wish 2', 'a825973a-b952-83c1-714b-fd87aa037e79', 'session started_by_name 2', 'site_unavailable', 1770000000000001, 1770000000000001, 1770000200000000, 1770000000000001, 'session node 2', 2, 2, 2, 2, 1770000000000001, '666b8154-c01c-2314-f20b-086da5400b6c');
INSERT INTO public.session_link VALUES
	('\xa606910163058353ad628fbb2c7768a8a28507d2e8ff521c4766c96d8593ab49', 'be379967-4b87-4a62-d137-dde58faf4206', 'b0cb0697-a0c4-fe68-adeb-3934253b60e0', 'view', 1770000000000000, 1770000000000000, '\x1ed3c6843829fd86df96cd3f9091fa7930d18e0afc45a55dd85944e7918a079f'),
	('\xf1e2e0d95cca1f40be7f181f8bf65b7d7954c0bb4e30cefdafcf5b57bd603a91', 'bee81bd9-1455-947a-21c2-a01df2ee2af2', '1a5a450d-06b3-044f-fda0-fe015cc780b2', 'control', 1770000000000001, 1770000000000001, '\xbaef270751a5d0783b39d85266bbac55acf0143e8de3ffb5a48b612074c9c740');
INSERT INTO public.session_part VALUES
	('be379967-4b87-4a62-d137-dde58faf4206', 1, 1, 1, false, 1, 1, 1, 1),
	('bee81bd9-1455-947a-21c2-a01df2ee2af2', 2, 2, 2, true, 2, 2, 2, 2);
INSERT INTO public.sign_in_count VALUES
	('user', '\x02800721aaf16c08535722e97c02b76f95f4fb44d22361de2f8750be7ad46475', 1, 1770000000000000, 1770000000000000),
	('address', '\x93cd9ca6514c17f1f858711e4db272273d094fa3f1ca18b16d9c0a0568957e53', 2, 1770000000000001, 1770000000000001);
INSERT INTO public.step_use VALUES
	('ef0577f4-dcae-55bc-9b85-c1266c4de188', 1, 'a8ce9da4-6850-befc-3e2e-06ee8a9f49d2', 'step_use name 1', false, false, 1770000000000000),
	('764bf46d-e05f-8bbe-c499-cef924567390', 2, 'b8aaaaec-a98d-edba-e6b4-95f98a9b4e70', 'step_use name 2', true, true, 1770000000000001);
INSERT INTO public.vault VALUES
	(1, '11d5eede-580e-fbf6-cdd8-aed3dd934283', 1770000000000000, 1, 1, 1, '\xe6622858d911f29d27278519bfe969780f9934c1cd2739aecb58a06182fc1eb7', false, '\x879f97b48f2e34af4d7157aeb16d04bf884160ce4c9bad92971e3f3a29010536', false, 1770000000000000, '\xb3816b1243e9e9c52e4e63e1d80eacc06ee33a5be19d0c467921149205d66de6', 1, 1770000000000000, 1, 1);
INSERT INTO public.vault_key VALUES
	(1, 'vault_key id 1', 1770000000000000, 1770000000000000, NULL, '\x679fa40c20a909469de9ea0d80be0b5090a68528e86a136252c419c383bc2f40', '\x6fbe47930d19a464392a6dbf046e8e4cefb64ef4f36376faaee5fd5b5a42bc0f', '\xe6b9d0b6e1325edc2855755395999a93b51dfa4585585c747f2cafc1c26bba6c'),
	(2, 'vault_key id 2', 1770000000000001, 1770000000000001, 'key_file', '\x15b44a5aca4a48f8a22e3d75f6cdb3bb9c5eb00ee8e7735bedf4b42fadca04c3', '\xdffe11fa6ef5ac57f36ee1bdebb349422c5e36a36f13b0059b8dd746c5549cb6', '\x4282fcca8efeb6458dbcde9866db6e046ffe361febf5b923a6809432fdedff29');
INSERT INTO public.web_session VALUES
	('cbeb7eca-0812-a078-5752-d2170c3d324a', '\xb1d256900885213ef8138cad7cb5fe9313bb9e74c6f248bdbeccd630783ccf3a', 'b0cb0697-a0c4-fe68-adeb-3934253b60e0', 1770000000000000, 1770000000000000, 1770000000000000, 'Firefox on Linux', 1770000000000000, '\xeb83a09a98ec6077e46aea3dbdb09c358a46dc243eb59ab7d702eafccc0d5dfd'),
	('a75925d6-211c-b2c5-f2f8-19e0ff00b87c', '\x42f09c9f7522ec34198cfcd5014a406123d5f80a6b5e33a29d06f0a537318cd2', '1a5a450d-06b3-044f-fda0-fe015cc780b2', 1770000000000001, 1770000000000001, 1770000000000001, 'curl', 1770000000000001, '\x3a65ae0807b48494fd5d29aa15ec0ffcef2c9725785d893151a8967359f5b4f8');
ALTER TABLE ONLY public.access_grant
    ADD CONSTRAINT access_grant_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.access_request
    ADD CONSTRAINT access_request_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.audit_block
    ADD CONSTRAINT audit_block_pkey PRIMARY KEY (last);
ALTER TABLE ONLY public.audit_checkpoint
    ADD CONSTRAINT audit_checkpoint_pkey PRIMARY KEY (size);
ALTER TABLE ONLY public.audit_index
    ADD CONSTRAINT audit_index_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.audit_name
    ADD CONSTRAINT audit_name_pkey PRIMARY KEY (name, thing);
ALTER TABLE ONLY public.audit_record
    ADD CONSTRAINT audit_record_pkey PRIMARY KEY (seq);
ALTER TABLE ONLY public.audit_run
    ADD CONSTRAINT audit_run_pkey PRIMARY KEY (run);
ALTER TABLE ONLY public.automation
    ADD CONSTRAINT automation_pkey PRIMARY KEY (credential);
ALTER TABLE ONLY public.change_event
    ADD CONSTRAINT change_event_pkey PRIMARY KEY (change, seq);
ALTER TABLE ONLY public.change
    ADD CONSTRAINT change_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.check_out
    ADD CONSTRAINT check_out_pkey PRIMARY KEY (credential);
ALTER TABLE ONLY public.credential_gone
    ADD CONSTRAINT credential_gone_pkey PRIMARY KEY (credential);
ALTER TABLE ONLY public.credential
    ADD CONSTRAINT credential_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.credential_tag
    ADD CONSTRAINT credential_tag_pkey PRIMARY KEY (tag, credential);
ALTER TABLE ONLY public.grant_decision
    ADD CONSTRAINT grant_decision_pkey PRIMARY KEY (grant_id);
ALTER TABLE ONLY public.group_member
    ADD CONSTRAINT group_member_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.job
    ADD CONSTRAINT job_pkey PRIMARY KEY (change);
ALTER TABLE ONLY public.key_slot
    ADD CONSTRAINT key_slot_pkey PRIMARY KEY (kind);
ALTER TABLE ONLY public.known_browser
    ADD CONSTRAINT known_browser_pkey PRIMARY KEY (token, person);
ALTER TABLE ONLY public.last_use
    ADD CONSTRAINT last_use_pkey PRIMARY KEY (thing);
ALTER TABLE ONLY public.notice
    ADD CONSTRAINT notice_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.notice_settings
    ADD CONSTRAINT notice_settings_pkey PRIMARY KEY (one);
ALTER TABLE ONLY public.passkey_challenge
    ADD CONSTRAINT passkey_challenge_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.passkey
    ADD CONSTRAINT passkey_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.password_version
    ADD CONSTRAINT password_version_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.person_group
    ADD CONSTRAINT person_group_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.person_link
    ADD CONSTRAINT person_link_pkey PRIMARY KEY (person);
ALTER TABLE ONLY public.person
    ADD CONSTRAINT person_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.playback
    ADD CONSTRAINT playback_pkey PRIMARY KEY (session, bearer);
ALTER TABLE ONLY public.recovery_code
    ADD CONSTRAINT recovery_code_pkey PRIMARY KEY (person, code);
ALTER TABLE ONLY public.schema_version
    ADD CONSTRAINT schema_version_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.seed
    ADD CONSTRAINT seed_pkey PRIMARY KEY (credential);
ALTER TABLE ONLY public.session_link
    ADD CONSTRAINT session_link_pkey PRIMARY KEY (token);
ALTER TABLE ONLY public.session_part
    ADD CONSTRAINT session_part_pkey PRIMARY KEY (session, seq);
ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sign_in_count
    ADD CONSTRAINT sign_in_count_pkey PRIMARY KEY (scope, key);
ALTER TABLE ONLY public.step_use
    ADD CONSTRAINT step_use_pkey PRIMARY KEY (credential, step, person, claimed);
ALTER TABLE ONLY public.vault_key
    ADD CONSTRAINT vault_key_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.vault
    ADD CONSTRAINT vault_pkey PRIMARY KEY (one);
ALTER TABLE ONLY public.web_session
    ADD CONSTRAINT web_session_pkey PRIMARY KEY (id);
CREATE INDEX access_grant_credential ON public.access_grant USING btree (credential);
CREATE INDEX access_grant_grp ON public.access_grant USING btree (grp);
CREATE INDEX access_grant_person ON public.access_grant USING btree (person);
CREATE INDEX access_grant_site ON public.access_grant USING btree (site);
CREATE INDEX access_grant_tag ON public.access_grant USING btree (tag);
CREATE INDEX access_request_credential ON public.access_request USING btree (credential);
CREATE INDEX access_request_grant ON public.access_request USING btree (grant_id) WHERE (closed IS NULL);
CREATE INDEX access_request_open ON public.access_request USING btree (waits_until) WHERE ((closed IS NULL) AND (ends_at IS NULL));
CREATE INDEX access_request_person ON public.access_request USING btree (person, ends_at);
CREATE INDEX api_token_parent ON public.api_token USING btree (parent);
CREATE INDEX api_token_person ON public.api_token USING btree (person);
CREATE UNIQUE INDEX api_token_token ON public.api_token USING btree (token);
CREATE INDEX automation_next_change ON public.automation USING btree (next_change_at);
CREATE INDEX automation_next_heartbeat ON public.automation USING btree (next_heartbeat_at);
CREATE INDEX change_created ON public.change USING btree (created_at, id);
CREATE INDEX change_credential ON public.change USING btree (credential, created_at);
CREATE UNIQUE INDEX change_open ON public.change USING btree (credential) WHERE (ended_at IS NULL);
CREATE INDEX check_out_due ON public.check_out USING btree (due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX check_out_holder ON public.check_out USING btree (holder) WHERE (holder IS NOT NULL);
CREATE INDEX credential_changed ON public.credential USING btree (changed) WHERE (changed IS NOT NULL);
CREATE INDEX credential_gone_changed ON public.credential_gone USING btree (changed);
CREATE INDEX credential_list ON public.credential USING btree (name_key, id, search, status, kind);
CREATE UNIQUE INDEX credential_name ON public.credential USING btree (name_key);
CREATE INDEX credential_site_host ON public.credential USING btree (site_host);
CREATE INDEX credential_tag_credential ON public.credential_tag USING btree (credential);
CREATE INDEX credential_updated ON public.credential USING btree (updated_at, id);
CREATE INDEX group_member_grp ON public.group_member USING btree (grp);
CREATE UNIQUE INDEX group_member_inner ON public.group_member USING btree (inner_grp, grp);
CREATE UNIQUE INDEX group_member_person ON public.group_member USING btree (person, grp);
CREATE INDEX job_run_at ON public.job USING btree (run_at);
CREATE INDEX known_browser_person ON public.known_browser USING btree (person);
CREATE INDEX notice_change ON public.notice USING btree (change, kind);
CREATE INDEX notice_created ON public.notice USING btree (created_at, id);
CREATE INDEX notice_due ON public.notice USING btree (run_at) WHERE ((delivered_at IS NULL) AND (given_up_at IS NULL));
CREATE INDEX passkey_challenge_expires ON public.passkey_challenge USING btree (expires_at);
CREATE UNIQUE INDEX passkey_challenge_holder ON public.passkey_challenge USING btree (holder);
CREATE UNIQUE INDEX passkey_credential ON public.passkey USING btree (credential);
CREATE INDEX passkey_person ON public.passkey USING btree (person);
CREATE UNIQUE INDEX password_version_number ON public.password_version USING btree (credential, number);
CREATE INDEX password_version_print ON public.password_version USING btree (print);
CREATE UNIQUE INDEX person_group_name ON public.person_group USING btree (name_key);
CREATE UNIQUE INDEX person_link_token ON public.person_link USING btree (token);
CREATE UNIQUE INDEX person_name ON public.person USING btree (name_key);
CREATE INDEX playback_expires ON public.playback USING btree (expires_at);
CREATE INDEX seed_print ON public.seed USING btree (print);
CREATE INDEX session_change ON public.session USING btree (change);
CREATE INDEX session_created ON public.session USING btree (created_at, id);
CREATE INDEX session_credential ON public.session USING btree (credential, created_at);
CREATE INDEX session_ended ON public.session USING btree (ended_at);
CREATE INDEX session_link_person ON public.session_link USING btree (person);
CREATE INDEX session_link_session ON public.session_link USING btree (session, person);
CREATE UNIQUE INDEX session_open ON public.session USING btree (credential) WHERE (ended_at IS NULL);
CREATE INDEX session_request ON public.session USING btree (request) WHERE (request IS NOT NULL);
CREATE INDEX session_started_by ON public.session USING btree (started_by);
CREATE INDEX sign_in_count_last ON public.sign_in_count USING btree (last_at);
CREATE INDEX step_use_at ON public.step_use USING btree (at);
CREATE UNIQUE INDEX step_use_claimed ON public.step_use USING btree (credential, step) WHERE claimed;
CREATE INDEX web_session_person ON public.web_session USING btree (person);
CREATE UNIQUE INDEX web_session_token ON public.web_session USING btree (token);
CREATE TRIGGER credential_edited BEFORE UPDATE OF name_key, search, site, updated_at, status, kind, tags ON public.credential FOR EACH ROW EXECUTE FUNCTION public.credential_edited();
CREATE TRIGGER credential_removed AFTER DELETE ON public.credential FOR EACH ROW EXECUTE FUNCTION public.credential_removed();
ALTER TABLE ONLY public.access_grant
    ADD CONSTRAINT access_grant_credential_fkey FOREIGN KEY (credential) REFERENCES public.credential(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.access_grant
    ADD CONSTRAINT access_grant_grp_fkey FOREIGN KEY (grp) REFERENCES public.person_group(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.access_grant
    ADD CONSTRAINT access_grant_person_fkey FOREIGN KEY (person) REFERENCES public.person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.access_request
    ADD CONSTRAINT access_request_credential_fkey FOREIGN KEY (credential) REFERENCES public.credential(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.access_request
    ADD CONSTRAINT access_request_person_fkey FOREIGN KEY (person) REFERENCES public.person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_parent_fkey FOREIGN KEY (parent) REFERENCES public.api_token(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_person_fkey FOREIGN KEY (person) REFERENCES public.person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.automation
    ADD CONSTRAINT automation_credential_fkey FOREIGN KEY (credential) REFERENCES public.credential(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.change
    ADD CONSTRAINT change_credential_fkey FOREIGN KEY (credential) REFERENCES public.credential(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.change_event
    ADD CONSTRAINT change_event_change_fkey FOREIGN KEY (change) REFERENCES public.change(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.check_out
    ADD CONSTRAINT check_out_credential_fkey FOREIGN KEY (credential) REFERENCES public.credential(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.credential_tag
    ADD CONSTRAINT credential_tag_credential_fkey FOREIGN KEY (credential) REFERENCES public.credential(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.grant_decision
    ADD CONSTRAINT grant_decision_grant_id_fkey FOREIGN KEY (grant_id) REFERENCES public.access_grant(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.group_member
    ADD CONSTRAINT group_member_grp_fkey FOREIGN KEY (grp) REFERENCES public.person_group(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.group_member
    ADD CONSTRAINT group_member_inner_grp_fkey FOREIGN KEY (inner_grp) REFERENCES public.person_group(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.group_member
    ADD CONSTRAINT group_member_person_fkey FOREIGN KEY (person) REFERENCES public.person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.job
    ADD CONSTRAINT job_change_fkey FOREIGN KEY (change) REFERENCES public.change(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.known_browser
    ADD CONSTRAINT known_browser_person_fkey FOREIGN KEY (person) REFERENCES public.person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.passkey
    ADD CONSTRAINT passkey_person_fkey FOREIGN KEY (person) REFERENCES public.person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.password_version
    ADD CONSTRAINT password_version_credential_fkey FOREIGN KEY (credential) REFERENCES public.credential(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.person_link
    ADD CONSTRAINT person_link_person_fkey FOREIGN KEY (person) REFERENCES public.person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.playback
    ADD CONSTRAINT playback_session_fkey FOREIGN KEY (session) REFERENCES public.session(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.recovery_code
    ADD CONSTRAINT recovery_code_person_fkey FOREIGN KEY (person) REFERENCES public.person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.seed
    ADD CONSTRAINT seed_credential_fkey FOREIGN KEY (credential) REFERENCES public.credential(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_change_fkey FOREIGN KEY (change) REFERENCES public.change(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_credential_fkey FOREIGN KEY (credential) REFERENCES public.credential(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.session_link
    ADD CONSTRAINT session_link_person_fkey FOREIGN KEY (person) REFERENCES public.person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.session_link
    ADD CONSTRAINT session_link_session_fkey FOREIGN KEY (session) REFERENCES public.session(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.session_part
    ADD CONSTRAINT session_part_session_fkey FOREIGN KEY (session) REFERENCES public.session(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.step_use
    ADD CONSTRAINT step_use_credential_fkey FOREIGN KEY (credential) REFERENCES public.credential(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.web_session
    ADD CONSTRAINT web_session_person_fkey FOREIGN KEY (person) REFERENCES public.person(id) ON DELETE CASCADE;
