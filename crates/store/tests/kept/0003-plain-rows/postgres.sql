-- The schema as it was after step 3, with a few plain rows in each table. No vault wrote them: seals, hashes and marks in them are
-- made up, so no vault opens this; see tests/kept.rs.
CREATE TABLE public.api_token (
    id uuid NOT NULL,
    token bytea NOT NULL,
    person uuid NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint,
    last_used_at bigint
);
CREATE TABLE public.audit_about (
    thing uuid NOT NULL,
    seq bigint NOT NULL
);
CREATE TABLE public.audit_checkpoint (
    size bigint NOT NULL,
    root bytea NOT NULL,
    "time" bigint NOT NULL,
    key text NOT NULL,
    signature text NOT NULL
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
    browser_identity text
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
    candidate_tries bigint NOT NULL
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
    search text NOT NULL
);
CREATE TABLE public.credential_grant (
    credential uuid NOT NULL,
    person uuid NOT NULL,
    token boolean NOT NULL,
    reveal boolean NOT NULL,
    session text,
    extras text
);
CREATE TABLE public.credential_tag (
    credential uuid NOT NULL,
    tag text NOT NULL
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
    wrapped bytea NOT NULL
);
CREATE TABLE public.password_version (
    id uuid NOT NULL,
    credential uuid NOT NULL,
    number bigint NOT NULL,
    state text NOT NULL,
    sealed bytea NOT NULL,
    created_at bigint NOT NULL,
    created_by text NOT NULL,
    print bytea
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
    failures bigint NOT NULL,
    locked_until bigint
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
    counter bigint
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
    dropped_at bigint
);
CREATE TABLE public.session_link (
    token bytea NOT NULL,
    session uuid NOT NULL,
    person uuid NOT NULL,
    level text NOT NULL,
    expires_at bigint NOT NULL,
    used_at bigint
);
CREATE TABLE public.session_part (
    session uuid NOT NULL,
    seq bigint NOT NULL,
    from_ms bigint NOT NULL,
    to_ms bigint NOT NULL,
    is_key boolean NOT NULL,
    frames bigint NOT NULL,
    events bigint NOT NULL,
    bytes bigint NOT NULL
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
    CONSTRAINT vault_one_check CHECK ((one = 1))
);
CREATE TABLE public.web_session (
    id uuid NOT NULL,
    token bytea NOT NULL,
    person uuid NOT NULL,
    created_at bigint NOT NULL,
    last_used_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    agent text NOT NULL
);
INSERT INTO public.api_token VALUES
	('49f7ce41-4634-b77d-2deb-b4541c933395', '\x559bc1a8f2e81907d6d410f323382b878e20a0930281028c20afb1311cfa0c0d', 'b0cb0697-a0c4-fe68-adeb-3934253b60e0', 'api_token name 1', 'administrator', 1770000000000000, 1770000000000000, 1770000000000000),
	('fb9cf50e-286a-ebf9-aad1-99b8cd73ad4e', '\x36564eb9e12bfb74b6e0a68cd9084a0c1b041189ee0092da23151dd138a9da3a', '1a5a450d-06b3-044f-fda0-fe015cc780b2', 'api_token name 2', 'member', 1770000000000001, 1770000000000001, 1770000000000001);
INSERT INTO public.audit_about VALUES
	('d0cb50e1-e8cf-47bb-ef2c-126cb40964f7', 1),
	('e8ead800-c633-dd96-ce2f-08cef66dc568', 2);
INSERT INTO public.audit_checkpoint VALUES
	(1, '\x3356f983a8ecb6cc9828375f72b31daf5ae87de064510feea247d4c7bbb74315', 1770000000000000, 'audit_checkpoint key 1', 'audit_checkpoint signature 1'),
	(2, '\x272acdb3bf24611af618e2191ba0710647cb86659eeca488c32b2c24b4a4de18', 1770000000000001, 'audit_checkpoint key 2', 'audit_checkpoint signature 2');
INSERT INTO public.audit_record VALUES
	(1, 1770000000000000, 'person', 'fb7de39c-3f1e-ece0-ca77-e1fd2f3c9d8b', 'audit_record actor_name 1', 'token.read', 'credential', '0c8da256-33d9-1d23-e994-0a1e67f26645', 'audit_record object_name 1', NULL, NULL, '\x031de59378250192c5433d5b90937632562b24997f064ab0627efc4808e6f7ee'),
	(2, 1770000000000001, 'system', 'f7c59064-4080-f458-80bf-018504c6a62a', 'audit_record actor_name 2', 'credential.added', NULL, '7da37082-0ee9-e165-7c76-7a4688625595', 'audit_record object_name 2', 'site_unavailable', '{"to":"member"}', '\x414f7ab5f75f6ca9ba2ad9d28299c98331ae1fb63d128a2cb2ceec82052cb44f');
INSERT INTO public.automation VALUES
	('ef0577f4-dcae-55bc-9b85-c1266c4de188', '{}', 1770000000000000, 'automation next_change_because 1', 1770000000000000, 'automation heartbeat 1', 1, 1770000000000000, 'automation fingerprints 1', 'automation moved 1', 'b46c5c36-615c-9a02-8aef-9cd6d846ad5f', '\x3ea770892c279071e8acbb4da2c648c3682935e79e5079fc73ebee0f77011ffe', 'automation browser_identity 1'),
	('764bf46d-e05f-8bbe-c499-cef924567390', '{}', 1770000000000001, 'automation next_change_because 2', 1770000000000001, 'automation heartbeat 2', 2, 1770000000000001, 'automation fingerprints 2', 'automation moved 2', '3f7bc610-482a-17d5-8627-64f8822dbe3d', '\x04c480b46c730c7013f979a5dfbd2bbd3372e71a785015405d16d735e0a0ad59', 'automation browser_identity 2');
INSERT INTO public.change VALUES
	('27f31e2d-37ca-0d00-88c6-f77a8f2fa1f9', 'ef0577f4-dcae-55bc-9b85-c1266c4de188', 'change', 'changed', NULL, 'change asked_by_name 1', 'person', 'change note 1', 1770000000000000, 1770000000000000, 1770000100000000, 1, 1770000000000000, '6c11620d-1c4e-437b-0ab3-5807ba26e25b', 1770000000000000, 1, 1, 1),
	('3043a46c-955c-67cb-82cf-f266543fef55', '764bf46d-e05f-8bbe-c499-cef924567390', 'test', 'failed', 'site_unavailable', 'change asked_by_name 2', 'schedule', 'change note 2', 1770000000000001, 1770000000000001, 1770000200000000, 2, 1770000000000001, 'd8a59e41-ee9f-47c2-8b83-91526ce57797', 1770000000000001, 2, 2, 2);
INSERT INTO public.change_event VALUES
	('27f31e2d-37ca-0d00-88c6-f77a8f2fa1f9', 1, 1770000000000000, 'changed', 'opens the page', '9cbae3d3-aa57-f72e-5d8b-1a103b012c59', '\x4661dae0f3b0836705487974629ad86c45a3dd42da62fade6a7d36ab620e2dcc'),
	('3043a46c-955c-67cb-82cf-f266543fef55', 2, 1770000000000001, 'failed', 'signs in', 'eb90b1fa-b836-117f-d0fa-200059d8ef9d', '\x7bb15868b0a29158c90fae501d1a9cee3f348b72ce5e46cbcc816b6fa1f8e56a');
INSERT INTO public.credential VALUES
	('ef0577f4-dcae-55bc-9b85-c1266c4de188', 'Shop', 'shop', 'shop@example.org', 'https://www.example.org/login', 'Ask Mia first.', 'ok', 1, false, 'totp', 'SHA1', 1, 1, 1770000000000000, 1770000000000000, 1770000000000000, 'social', 'shop'),
	('764bf46d-e05f-8bbe-c499-cef924567390', 'Café', 'café', 'bank@example.org', 'https://[2001:db8::1]:8443/', '', 'ok', 2, true, 'hotp', 'SHA256', 2, 2, 1770000000000001, 1770000000000001, 1770000000000001, 'shops social', 'café');
INSERT INTO public.credential_grant VALUES
	('ef0577f4-dcae-55bc-9b85-c1266c4de188', 'b0cb0697-a0c4-fe68-adeb-3934253b60e0', false, false, 'control', NULL),
	('764bf46d-e05f-8bbe-c499-cef924567390', '1a5a450d-06b3-044f-fda0-fe015cc780b2', true, true, NULL, NULL);
INSERT INTO public.credential_tag VALUES
	('ef0577f4-dcae-55bc-9b85-c1266c4de188', 'social'),
	('764bf46d-e05f-8bbe-c499-cef924567390', 'shops');
INSERT INTO public.job VALUES
	('27f31e2d-37ca-0d00-88c6-f77a8f2fa1f9', 1770000000000000, 'job leased_by 1', 1770000000000000, false, false),
	('3043a46c-955c-67cb-82cf-f266543fef55', 1770000000000001, 'job leased_by 2', 1770000000000001, true, true);
INSERT INTO public.key_slot VALUES
	('key_file', '\x94ad38b7213dd923f051e32109f351af8e6a10451e27221e0ccc615831590de3', '\x42b6ab5996d1ece14a18bfd7dd903b3b470d31198901daface6e4904d3ef4c4c'),
	('passphrase', '\x275c5857873036e77f43618b1fcdb5e2f49bc0b15b6645d9ebc10d7ae432707e', '\x22dc3042d9b5102a3c065f94fdc276fa3741375411de103558667d3c59a21e81');
INSERT INTO public.password_version VALUES
	('2ef29b92-102f-db38-5348-f58455a38e50', 'ef0577f4-dcae-55bc-9b85-c1266c4de188', 1, 'changed', '\x7ce2a3a2035bcf50e98d9207ce678945b0b8d2234fa057c4d7b92470a3e5709a', 1770000000000000, 'password_version created_by 1', '\x03c27f5d536975c9a4f0728f7d35c5db8626eafaa58fc57c04e4c2ca06e98ff0'),
	('255462a1-47e6-745c-43bb-b8d3e327000d', '764bf46d-e05f-8bbe-c499-cef924567390', 2, 'failed', '\xbca5c7fd71b8c1a83db2964e05e565996f6a773e75bbed6143cb36173add3ae6', 1770000000000001, 'password_version created_by 2', '\x8799c8ac8321580fc23c3edbd7f38a68c3404faa7626426ba2a9a2f678ead948');
INSERT INTO public.person VALUES
	('b0cb0697-a0c4-fe68-adeb-3934253b60e0', 'Mia', 'mia', 'administrator', '\xcfb0ceec8f16ae471c5ecdd06e0fa66b04b5d2052c5c8b710d45f39145b8436d', 'db5e85f1-718c-0d84-1d48-d189ece69425', '\x8781441a05406b2f70e9b2203e66ea12a2897e83c4bd7ea0d14c9a34d9889dba', '52de167a-b81e-a6e5-ed7e-548a478e7507', '\x9e7462b39f9bdbd27d2aac52dbf9a9ff6261fb903fa2eb75cfdaf18c75b53515', NULL, false, 1770000000000000, 1770000000000000, 1, 1770000000000000),
	('1a5a450d-06b3-044f-fda0-fe015cc780b2', 'max', 'max', 'member', '\x3d190517e4b5805c27c255aef8f28e2ff8df0599fb9b5a6391b005f5d002fd06', '3c431ac9-8718-5344-ad75-3ddd0d11b4a8', '\xff19182b1f1915b009124df1bf52c49e421782677682c7bef0e55cea7f3f33e7', 'd11220b4-c537-0f99-869d-ead4cd0b72e5', '\x2b70f85e9f0d54bda575909e7102ea6f12c939ab780f2c7c568c9b70979e7594', 41152263, true, 1770000000000001, 1770000000000001, 2, 1770000000000001);
INSERT INTO public.schema_version VALUES
	(1, '0001_vault', 7934198409276423637, 1770000000000000),
	(2, '0002_change', 3351754685266262417, 1770000000000000),
	(3, '0003_session', 4479152192315330539, 1770000000000000);
INSERT INTO public.seed VALUES
	('ef0577f4-dcae-55bc-9b85-c1266c4de188', '6bca9387-fe77-6797-252f-4c04c2d6684f', '\x50c84f753c4e579b5ae141577de8f64596124671a07b3c6bf92fb399dfbbb740', '\xdc5626ed9932cd7eeda5314ec64f215b35b3e1eae4005157486abc5b97ed1843', 1),
	('764bf46d-e05f-8bbe-c499-cef924567390', 'f7a36d1f-e002-0ef1-40a2-2e02067c2d8b', '\x8a617a57c8e166d7b0342564e1b7adde2bd3d27b7b2ae783b537c77ecb907dd3', '\xe3c6098e3cdc404be4d5bb2eade56e91a273aef47076616e900a9307ad93ef08', 2);
INSERT INTO public.session VALUES
	('be379967-4b87-4a62-d137-dde58faf4206', 'ef0577f4-dcae-55bc-9b85-c1266c4de188', 'session credential_name 1', '27f31e2d-37ca-0d00-88c6-f77a8f2fa1f9', false, 'ended', 'person', 'session end_wish 1', '789bf638-fcef-8a16-7cca-a232b0495add', 'session started_by_name 1', NULL, 1770000000000000, 1770000000000000, 1770000100000000, 1770000000000000, 'session node 1', 1, 1, 1, 1, 1770000000000000),
	('bee81bd9-1455-947a-21c2-a01df2ee2af2', '764bf46d-e05f-8bbe-c499-cef924567390', 'session credential_name 2', '3043a46c-955c-67cb-82cf-f266543fef55', true, 'ended', NULL, 'session end_wish 2', 'a825973a-b952-83c1-714b-fd87aa037e79', 'session started_by_name 2', 'site_unavailable', 1770000000000001, 1770000000000001, 1770000200000000, 1770000000000001, 'session node 2', 2, 2, 2, 2, 1770000000000001);
INSERT INTO public.session_link VALUES
	('\xa606910163058353ad628fbb2c7768a8a28507d2e8ff521c4766c96d8593ab49', 'be379967-4b87-4a62-d137-dde58faf4206', 'b0cb0697-a0c4-fe68-adeb-3934253b60e0', 'view', 1770000000000000, 1770000000000000),
	('\xf1e2e0d95cca1f40be7f181f8bf65b7d7954c0bb4e30cefdafcf5b57bd603a91', 'bee81bd9-1455-947a-21c2-a01df2ee2af2', '1a5a450d-06b3-044f-fda0-fe015cc780b2', 'control', 1770000000000001, 1770000000000001);
INSERT INTO public.session_part VALUES
	('be379967-4b87-4a62-d137-dde58faf4206', 1, 1, 1, false, 1, 1, 1),
	('bee81bd9-1455-947a-21c2-a01df2ee2af2', 2, 2, 2, true, 2, 2, 2);
INSERT INTO public.step_use VALUES
	('ef0577f4-dcae-55bc-9b85-c1266c4de188', 1, 'a8ce9da4-6850-befc-3e2e-06ee8a9f49d2', 'step_use name 1', false, false, 1770000000000000),
	('764bf46d-e05f-8bbe-c499-cef924567390', 2, 'b8aaaaec-a98d-edba-e6b4-95f98a9b4e70', 'step_use name 2', true, true, 1770000000000001);
INSERT INTO public.vault VALUES
	(1, '11d5eede-580e-fbf6-cdd8-aed3dd934283', 1770000000000000, 1, 1, 1, '\xe6622858d911f29d27278519bfe969780f9934c1cd2739aecb58a06182fc1eb7', false, '\x879f97b48f2e34af4d7157aeb16d04bf884160ce4c9bad92971e3f3a29010536');
INSERT INTO public.web_session VALUES
	('cbeb7eca-0812-a078-5752-d2170c3d324a', '\xb1d256900885213ef8138cad7cb5fe9313bb9e74c6f248bdbeccd630783ccf3a', 'b0cb0697-a0c4-fe68-adeb-3934253b60e0', 1770000000000000, 1770000000000000, 1770000000000000, 'Firefox on Linux'),
	('a75925d6-211c-b2c5-f2f8-19e0ff00b87c', '\x42f09c9f7522ec34198cfcd5014a406123d5f80a6b5e33a29d06f0a537318cd2', '1a5a450d-06b3-044f-fda0-fe015cc780b2', 1770000000000001, 1770000000000001, 1770000000000001, 'curl');
ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.audit_about
    ADD CONSTRAINT audit_about_pkey PRIMARY KEY (thing, seq);
ALTER TABLE ONLY public.audit_checkpoint
    ADD CONSTRAINT audit_checkpoint_pkey PRIMARY KEY (size);
ALTER TABLE ONLY public.audit_record
    ADD CONSTRAINT audit_record_pkey PRIMARY KEY (seq);
ALTER TABLE ONLY public.automation
    ADD CONSTRAINT automation_pkey PRIMARY KEY (credential);
ALTER TABLE ONLY public.change_event
    ADD CONSTRAINT change_event_pkey PRIMARY KEY (change, seq);
ALTER TABLE ONLY public.change
    ADD CONSTRAINT change_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.credential_grant
    ADD CONSTRAINT credential_grant_pkey PRIMARY KEY (person, credential);
ALTER TABLE ONLY public.credential
    ADD CONSTRAINT credential_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.credential_tag
    ADD CONSTRAINT credential_tag_pkey PRIMARY KEY (tag, credential);
ALTER TABLE ONLY public.job
    ADD CONSTRAINT job_pkey PRIMARY KEY (change);
ALTER TABLE ONLY public.key_slot
    ADD CONSTRAINT key_slot_pkey PRIMARY KEY (kind);
ALTER TABLE ONLY public.password_version
    ADD CONSTRAINT password_version_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.person
    ADD CONSTRAINT person_pkey PRIMARY KEY (id);
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
ALTER TABLE ONLY public.step_use
    ADD CONSTRAINT step_use_pkey PRIMARY KEY (credential, step, person, claimed);
ALTER TABLE ONLY public.vault
    ADD CONSTRAINT vault_pkey PRIMARY KEY (one);
ALTER TABLE ONLY public.web_session
    ADD CONSTRAINT web_session_pkey PRIMARY KEY (id);
CREATE INDEX api_token_person ON public.api_token USING btree (person);
CREATE UNIQUE INDEX api_token_token ON public.api_token USING btree (token);
CREATE INDEX automation_next_change ON public.automation USING btree (next_change_at);
CREATE INDEX automation_next_heartbeat ON public.automation USING btree (next_heartbeat_at);
CREATE INDEX change_created ON public.change USING btree (created_at, id);
CREATE INDEX change_credential ON public.change USING btree (credential, created_at);
CREATE UNIQUE INDEX change_open ON public.change USING btree (credential) WHERE (ended_at IS NULL);
CREATE INDEX credential_grant_credential ON public.credential_grant USING btree (credential);
CREATE INDEX credential_list ON public.credential USING btree (name_key, id, search, status, kind);
CREATE UNIQUE INDEX credential_name ON public.credential USING btree (name_key);
CREATE INDEX credential_tag_credential ON public.credential_tag USING btree (credential);
CREATE INDEX credential_updated ON public.credential USING btree (updated_at, id);
CREATE INDEX job_run_at ON public.job USING btree (run_at);
CREATE UNIQUE INDEX password_version_number ON public.password_version USING btree (credential, number);
CREATE INDEX password_version_print ON public.password_version USING btree (print);
CREATE UNIQUE INDEX person_name ON public.person USING btree (name_key);
CREATE INDEX seed_print ON public.seed USING btree (print);
CREATE INDEX session_change ON public.session USING btree (change);
CREATE INDEX session_created ON public.session USING btree (created_at, id);
CREATE INDEX session_credential ON public.session USING btree (credential, created_at);
CREATE INDEX session_ended ON public.session USING btree (ended_at);
CREATE INDEX session_link_person ON public.session_link USING btree (person);
CREATE INDEX session_link_session ON public.session_link USING btree (session, person);
CREATE UNIQUE INDEX session_open ON public.session USING btree (credential) WHERE (ended_at IS NULL);
CREATE INDEX session_started_by ON public.session USING btree (started_by);
CREATE INDEX step_use_at ON public.step_use USING btree (at);
CREATE UNIQUE INDEX step_use_claimed ON public.step_use USING btree (credential, step) WHERE claimed;
CREATE INDEX web_session_person ON public.web_session USING btree (person);
CREATE UNIQUE INDEX web_session_token ON public.web_session USING btree (token);
ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_person_fkey FOREIGN KEY (person) REFERENCES public.person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.automation
    ADD CONSTRAINT automation_credential_fkey FOREIGN KEY (credential) REFERENCES public.credential(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.change
    ADD CONSTRAINT change_credential_fkey FOREIGN KEY (credential) REFERENCES public.credential(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.change_event
    ADD CONSTRAINT change_event_change_fkey FOREIGN KEY (change) REFERENCES public.change(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.credential_grant
    ADD CONSTRAINT credential_grant_credential_fkey FOREIGN KEY (credential) REFERENCES public.credential(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.credential_grant
    ADD CONSTRAINT credential_grant_person_fkey FOREIGN KEY (person) REFERENCES public.person(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.credential_tag
    ADD CONSTRAINT credential_tag_credential_fkey FOREIGN KEY (credential) REFERENCES public.credential(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.job
    ADD CONSTRAINT job_change_fkey FOREIGN KEY (change) REFERENCES public.change(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.password_version
    ADD CONSTRAINT password_version_credential_fkey FOREIGN KEY (credential) REFERENCES public.credential(id) ON DELETE CASCADE;
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
