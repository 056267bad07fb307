-- The schema as it was after step 3, with a few plain rows in each table. No vault wrote them: seals, hashes and marks in them are
-- made up, so no vault opens this; see tests/kept.rs.
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE schema_version (
        number integer primary key not null,
        name text not null,
        checksum integer not null,
        applied_at integer not null
    );
INSERT INTO schema_version VALUES(1,'0001_vault',1455388052761349137,1770000000000000);
INSERT INTO schema_version VALUES(2,'0002_change',-8563920229359756708,1770000000000000);
INSERT INTO schema_version VALUES(3,'0003_session',-5149511924605312200,1770000000000000);
CREATE TABLE vault (
    one integer primary key check (one = 1),
    id blob not null,
    created_at integer not null,
    revision integer not null,
    audit_size integer not null,
    audit_indexed integer not null,
    audit_root blob not null,
    second_factor_required boolean not null,
    setup_link blob
);
INSERT INTO vault VALUES(1,X'11d5eede580efbf6cdd8aed3dd934283',1770000000000000,1,1,1,X'e6622858d911f29d27278519bfe969780f9934c1cd2739aecb58a06182fc1eb7',0,X'879f97b48f2e34af4d7157aeb16d04bf884160ce4c9bad92971e3f3a29010536');
CREATE TABLE key_slot (
    kind text primary key not null,
    parameters blob not null,
    wrapped blob not null
);
INSERT INTO key_slot VALUES('key_file',X'94ad38b7213dd923f051e32109f351af8e6a10451e27221e0ccc615831590de3',X'42b6ab5996d1ece14a18bfd7dd903b3b470d31198901daface6e4904d3ef4c4c');
INSERT INTO key_slot VALUES('passphrase',X'275c5857873036e77f43618b1fcdb5e2f49bc0b15b6645d9ebc10d7ae432707e',X'22dc3042d9b5102a3c065f94fdc276fa3741375411de103558667d3c59a21e81');
CREATE TABLE person (
    id blob primary key not null,
    name text not null,
    name_key text not null,
    role text not null,
    password blob not null,
    seed_version blob,
    seed blob,
    next_seed_version blob,
    next_seed blob,
    last_step integer,
    disabled boolean not null,
    created_at integer not null,
    last_sign_in_at integer,
    failures integer not null,
    locked_until integer
);
INSERT INTO person VALUES(X'b0cb0697a0c4fe68adeb3934253b60e0','Mia','mia','administrator',X'cfb0ceec8f16ae471c5ecdd06e0fa66b04b5d2052c5c8b710d45f39145b8436d',X'db5e85f1718c0d841d48d189ece69425',X'8781441a05406b2f70e9b2203e66ea12a2897e83c4bd7ea0d14c9a34d9889dba',X'52de167ab81ea6e5ed7e548a478e7507',X'9e7462b39f9bdbd27d2aac52dbf9a9ff6261fb903fa2eb75cfdaf18c75b53515',NULL,0,1770000000000000,1770000000000000,1,1770000000000000);
INSERT INTO person VALUES(X'1a5a450d06b3044ffda0fe015cc780b2','max','max','member',X'3d190517e4b5805c27c255aef8f28e2ff8df0599fb9b5a6391b005f5d002fd06',X'3c431ac987185344ad753ddd0d11b4a8',X'ff19182b1f1915b009124df1bf52c49e421782677682c7bef0e55cea7f3f33e7',X'd11220b4c5370f99869dead4cd0b72e5',X'2b70f85e9f0d54bda575909e7102ea6f12c939ab780f2c7c568c9b70979e7594',41152263,1,1770000000000001,1770000000000001,2,1770000000000001);
CREATE TABLE web_session (
    id blob primary key not null,
    token blob not null,
    person blob not null references person (id) on delete cascade,
    created_at integer not null,
    last_used_at integer not null,
    expires_at integer not null,
    agent text not null
);
INSERT INTO web_session VALUES(X'cbeb7eca0812a0785752d2170c3d324a',X'b1d256900885213ef8138cad7cb5fe9313bb9e74c6f248bdbeccd630783ccf3a',X'b0cb0697a0c4fe68adeb3934253b60e0',1770000000000000,1770000000000000,1770000000000000,'Firefox on Linux');
INSERT INTO web_session VALUES(X'a75925d6211cb2c5f2f819e0ff00b87c',X'42f09c9f7522ec34198cfcd5014a406123d5f80a6b5e33a29d06f0a537318cd2',X'1a5a450d06b3044ffda0fe015cc780b2',1770000000000001,1770000000000001,1770000000000001,'curl');
CREATE TABLE api_token (
    id blob primary key not null,
    token blob not null,
    person blob not null references person (id) on delete cascade,
    name text not null,
    role text not null,
    created_at integer not null,
    expires_at integer,
    last_used_at integer
);
INSERT INTO api_token VALUES(X'49f7ce414634b77d2debb4541c933395',X'559bc1a8f2e81907d6d410f323382b878e20a0930281028c20afb1311cfa0c0d',X'b0cb0697a0c4fe68adeb3934253b60e0','api_token name 1','administrator',1770000000000000,1770000000000000,1770000000000000);
INSERT INTO api_token VALUES(X'fb9cf50e286aebf9aad199b8cd73ad4e',X'36564eb9e12bfb74b6e0a68cd9084a0c1b041189ee0092da23151dd138a9da3a',X'1a5a450d06b3044ffda0fe015cc780b2','api_token name 2','member',1770000000000001,1770000000000001,1770000000000001);
CREATE TABLE credential (
    id blob primary key not null,
    name text not null,
    name_key text not null,
    username text not null,
    site text,
    notes text not null,
    status text not null,
    revision integer not null,
    has_password boolean not null,
    kind text,
    algorithm text,
    digits integer,
    period integer,
    created_at integer not null,
    updated_at integer not null,
    password_changed_at integer,
    tags text not null,
    search text not null
);
INSERT INTO credential VALUES(X'ef0577f4dcae55bc9b85c1266c4de188','Shop','shop','shop@example.org','https://www.example.org/login','Ask Mia first.','ok',1,0,'totp','SHA1',1,1,1770000000000000,1770000000000000,1770000000000000,'social','shop');
INSERT INTO credential VALUES(X'764bf46de05f8bbec499cef924567390','Café','café','bank@example.org','https://[2001:db8::1]:8443/','','ok',2,1,'hotp','SHA256',2,2,1770000000000001,1770000000000001,1770000000000001,'shops social','café');
CREATE TABLE credential_tag (
    credential blob not null references credential (id) on delete cascade,
    tag text not null,
    primary key (tag, credential)
);
INSERT INTO credential_tag VALUES(X'ef0577f4dcae55bc9b85c1266c4de188','social');
INSERT INTO credential_tag VALUES(X'764bf46de05f8bbec499cef924567390','shops');
CREATE TABLE credential_grant (
    credential blob not null references credential (id) on delete cascade,
    person blob not null references person (id) on delete cascade,
    token boolean not null,
    reveal boolean not null, session text, extras text,
    primary key (person, credential)
);
INSERT INTO credential_grant VALUES(X'ef0577f4dcae55bc9b85c1266c4de188',X'b0cb0697a0c4fe68adeb3934253b60e0',0,0,'control',NULL);
INSERT INTO credential_grant VALUES(X'764bf46de05f8bbec499cef924567390',X'1a5a450d06b3044ffda0fe015cc780b2',1,1,NULL,NULL);
CREATE TABLE seed (
    credential blob primary key not null references credential (id) on delete cascade,
    version blob not null,
    sealed blob not null,
    print blob not null,
    counter integer
);
INSERT INTO seed VALUES(X'ef0577f4dcae55bc9b85c1266c4de188',X'6bca9387fe776797252f4c04c2d6684f',X'50c84f753c4e579b5ae141577de8f64596124671a07b3c6bf92fb399dfbbb740',X'dc5626ed9932cd7eeda5314ec64f215b35b3e1eae4005157486abc5b97ed1843',1);
INSERT INTO seed VALUES(X'764bf46de05f8bbec499cef924567390',X'f7a36d1fe0020ef140a22e02067c2d8b',X'8a617a57c8e166d7b0342564e1b7adde2bd3d27b7b2ae783b537c77ecb907dd3',X'e3c6098e3cdc404be4d5bb2eade56e91a273aef47076616e900a9307ad93ef08',2);
CREATE TABLE password_version (
    id blob primary key not null,
    credential blob not null references credential (id) on delete cascade,
    number integer not null,
    state text not null,
    sealed blob not null,
    created_at integer not null,
    created_by text not null
, print blob);
INSERT INTO password_version VALUES(X'2ef29b92102fdb385348f58455a38e50',X'ef0577f4dcae55bc9b85c1266c4de188',1,'changed',X'7ce2a3a2035bcf50e98d9207ce678945b0b8d2234fa057c4d7b92470a3e5709a',1770000000000000,'password_version created_by 1',X'03c27f5d536975c9a4f0728f7d35c5db8626eafaa58fc57c04e4c2ca06e98ff0');
INSERT INTO password_version VALUES(X'255462a147e6745c43bbb8d3e327000d',X'764bf46de05f8bbec499cef924567390',2,'failed',X'bca5c7fd71b8c1a83db2964e05e565996f6a773e75bbed6143cb36173add3ae6',1770000000000001,'password_version created_by 2',X'8799c8ac8321580fc23c3edbd7f38a68c3404faa7626426ba2a9a2f678ead948');
CREATE TABLE step_use (
    credential blob not null references credential (id) on delete cascade,
    step integer not null,
    person blob not null,
    name text not null,
    machine boolean not null,
    claimed boolean not null,
    at integer not null,
    primary key (credential, step, person, claimed)
);
INSERT INTO step_use VALUES(X'ef0577f4dcae55bc9b85c1266c4de188',1,X'a8ce9da46850befc3e2e06ee8a9f49d2','step_use name 1',0,0,1770000000000000);
INSERT INTO step_use VALUES(X'764bf46de05f8bbec499cef924567390',2,X'b8aaaaeca98dedbae6b495f98a9b4e70','step_use name 2',1,1,1770000000000001);
CREATE TABLE audit_record (
    seq integer primary key,
    at integer not null,
    actor_kind text not null,
    actor blob,
    actor_name text not null,
    act text not null,
    object_kind text,
    object blob,
    object_name text,
    reason text,
    details text,
    hash blob not null
);
INSERT INTO audit_record VALUES(1,1770000000000000,'person',X'fb7de39c3f1eece0ca77e1fd2f3c9d8b','audit_record actor_name 1','token.read','credential',X'0c8da25633d91d23e9940a1e67f26645','audit_record object_name 1',NULL,NULL,X'031de59378250192c5433d5b90937632562b24997f064ab0627efc4808e6f7ee');
INSERT INTO audit_record VALUES(2,1770000000000001,'system',X'f7c590644080f45880bf018504c6a62a','audit_record actor_name 2','credential.added',NULL,X'7da370820ee9e1657c767a4688625595','audit_record object_name 2','site_unavailable','{"to":"member"}',X'414f7ab5f75f6ca9ba2ad9d28299c98331ae1fb63d128a2cb2ceec82052cb44f');
CREATE TABLE audit_about (
    thing blob not null,
    seq integer not null,
    primary key (thing, seq)
) without rowid;
INSERT INTO audit_about VALUES(X'd0cb50e1e8cf47bbef2c126cb40964f7',1);
INSERT INTO audit_about VALUES(X'e8ead800c633dd96ce2f08cef66dc568',2);
CREATE TABLE audit_checkpoint (
    size integer primary key,
    root blob not null,
    time integer not null,
    key text not null,
    signature text not null
);
INSERT INTO audit_checkpoint VALUES(1,X'3356f983a8ecb6cc9828375f72b31daf5ae87de064510feea247d4c7bbb74315',1770000000000000,'audit_checkpoint key 1','audit_checkpoint signature 1');
INSERT INTO audit_checkpoint VALUES(2,X'272acdb3bf24611af618e2191ba0710647cb86659eeca488c32b2c24b4a4de18',1770000000000001,'audit_checkpoint key 2','audit_checkpoint signature 2');
CREATE TABLE change (
    id blob primary key not null,
    credential blob not null references credential (id) on delete cascade,
    kind text not null,
    state text not null,
    reason text,
    asked_by_name text not null,
    because text not null,
    note text,
    created_at integer not null,
    started_at integer,
    ended_at integer,
    not_before integer,
    waiting_until integer,
    candidate blob,
    armed_at integer,
    attempts integer not null,
    current_tries integer not null,
    candidate_tries integer not null
);
INSERT INTO change VALUES(X'27f31e2d37ca0d0088c6f77a8f2fa1f9',X'ef0577f4dcae55bc9b85c1266c4de188','change','changed',NULL,'change asked_by_name 1','person','change note 1',1770000000000000,1770000000000000,1770000100000000,1,1770000000000000,X'6c11620d1c4e437b0ab35807ba26e25b',1770000000000000,1,1,1);
INSERT INTO change VALUES(X'3043a46c955c67cb82cff266543fef55',X'764bf46de05f8bbec499cef924567390','test','failed','site_unavailable','change asked_by_name 2','schedule','change note 2',1770000000000001,1770000000000001,1770000200000000,2,1770000000000001,X'd8a59e41ee9f47c28b8391526ce57797',1770000000000001,2,2,2);
CREATE TABLE job (
    change blob primary key not null references change (id) on delete cascade,
    run_at integer not null,
    leased_by text,
    leased_until integer,
    cancelled boolean not null
, sign_in boolean not null default false);
INSERT INTO job VALUES(X'27f31e2d37ca0d0088c6f77a8f2fa1f9',1770000000000000,'job leased_by 1',1770000000000000,0,0);
INSERT INTO job VALUES(X'3043a46c955c67cb82cff266543fef55',1770000000000001,'job leased_by 2',1770000000000001,1,1);
CREATE TABLE change_event (
    change blob not null references change (id) on delete cascade,
    seq integer not null,
    at integer not null,
    state text not null,
    text text not null,
    picture_version blob,
    picture blob,
    primary key (change, seq)
);
INSERT INTO change_event VALUES(X'27f31e2d37ca0d0088c6f77a8f2fa1f9',1,1770000000000000,'changed','opens the page',X'9cbae3d3aa57f72e5d8b1a103b012c59',X'4661dae0f3b0836705487974629ad86c45a3dd42da62fade6a7d36ab620e2dcc');
INSERT INTO change_event VALUES(X'3043a46c955c67cb82cff266543fef55',2,1770000000000001,'failed','signs in',X'eb90b1fab836117fd0fa200059d8ef9d',X'7bb15868b0a29158c90fae501d1a9cee3f348b72ce5e46cbcc816b6fa1f8e56a');
CREATE TABLE automation (
    credential blob primary key not null references credential (id) on delete cascade,
    settings text not null,
    next_change_at integer,
    next_change_because text,
    next_heartbeat_at integer,
    heartbeat text,
    clock_offset integer,
    clock_seen_at integer,
    fingerprints text,
    moved text,
    browser_version blob,
    browser_state blob,
    browser_identity text
);
INSERT INTO automation VALUES(X'ef0577f4dcae55bc9b85c1266c4de188','{}',1770000000000000,'automation next_change_because 1',1770000000000000,'automation heartbeat 1',1,1770000000000000,'automation fingerprints 1','automation moved 1',X'b46c5c36615c9a028aef9cd6d846ad5f',X'3ea770892c279071e8acbb4da2c648c3682935e79e5079fc73ebee0f77011ffe','automation browser_identity 1');
INSERT INTO automation VALUES(X'764bf46de05f8bbec499cef924567390','{}',1770000000000001,'automation next_change_because 2',1770000000000001,'automation heartbeat 2',2,1770000000000001,'automation fingerprints 2','automation moved 2',X'3f7bc610482a17d5862764f8822dbe3d',X'04c480b46c730c7013f979a5dfbd2bbd3372e71a785015405d16d735e0a0ad59','automation browser_identity 2');
CREATE TABLE session (
    id blob primary key not null,
    credential blob references credential (id) on delete set null,
    credential_name text not null,
    change blob references change (id) on delete set null,
    sign_in boolean not null,
    state text not null,
    ended_why text,
    end_wish text,
    started_by blob not null,
    started_by_name text not null,
    reason text,
    created_at integer not null,
    live_at integer,
    ended_at integer,
    seen_at integer,
    node text,
    idle_seconds integer not null,
    longest_seconds integer not null,
    recorded_ms integer not null,
    recorded_bytes integer not null,
    dropped_at integer
);
INSERT INTO session VALUES(X'be3799674b874a62d137dde58faf4206',X'ef0577f4dcae55bc9b85c1266c4de188','session credential_name 1',X'27f31e2d37ca0d0088c6f77a8f2fa1f9',0,'ended','person','session end_wish 1',X'789bf638fcef8a167ccaa232b0495add','session started_by_name 1',NULL,1770000000000000,1770000000000000,1770000100000000,1770000000000000,'session node 1',1,1,1,1,1770000000000000);
INSERT INTO session VALUES(X'bee81bd91455947a21c2a01df2ee2af2',X'764bf46de05f8bbec499cef924567390','session credential_name 2',X'3043a46c955c67cb82cff266543fef55',1,'ended',NULL,'session end_wish 2',X'a825973ab95283c1714bfd87aa037e79','session started_by_name 2','site_unavailable',1770000000000001,1770000000000001,1770000200000000,1770000000000001,'session node 2',2,2,2,2,1770000000000001);
CREATE TABLE session_link (
    token blob primary key not null,
    session blob not null references session (id) on delete cascade,
    person blob not null references person (id) on delete cascade,
    level text not null,
    expires_at integer not null,
    used_at integer
);
INSERT INTO session_link VALUES(X'a606910163058353ad628fbb2c7768a8a28507d2e8ff521c4766c96d8593ab49',X'be3799674b874a62d137dde58faf4206',X'b0cb0697a0c4fe68adeb3934253b60e0','view',1770000000000000,1770000000000000);
INSERT INTO session_link VALUES(X'f1e2e0d95cca1f40be7f181f8bf65b7d7954c0bb4e30cefdafcf5b57bd603a91',X'bee81bd91455947a21c2a01df2ee2af2',X'1a5a450d06b3044ffda0fe015cc780b2','control',1770000000000001,1770000000000001);
CREATE TABLE session_part (
    session blob not null references session (id) on delete cascade,
    seq integer not null,
    from_ms integer not null,
    to_ms integer not null,
    is_key boolean not null,
    frames integer not null,
    events integer not null,
    bytes integer not null,
    primary key (session, seq)
);
INSERT INTO session_part VALUES(X'be3799674b874a62d137dde58faf4206',1,1,1,0,1,1,1);
INSERT INTO session_part VALUES(X'bee81bd91455947a21c2a01df2ee2af2',2,2,2,1,2,2,2);
CREATE UNIQUE INDEX person_name on person (name_key);
CREATE UNIQUE INDEX web_session_token on web_session (token);
CREATE INDEX web_session_person on web_session (person);
CREATE UNIQUE INDEX api_token_token on api_token (token);
CREATE INDEX api_token_person on api_token (person);
CREATE UNIQUE INDEX credential_name on credential (name_key);
CREATE INDEX credential_updated on credential (updated_at, id);
CREATE INDEX credential_list on credential (name_key, id, search, status, kind);
CREATE INDEX credential_tag_credential on credential_tag (credential);
CREATE INDEX credential_grant_credential on credential_grant (credential);
CREATE INDEX seed_print on seed (print);
CREATE UNIQUE INDEX password_version_number on password_version (credential, number);
CREATE UNIQUE INDEX step_use_claimed on step_use (credential, step) where claimed;
CREATE INDEX step_use_at on step_use (at);
CREATE INDEX password_version_print on password_version (print);
CREATE UNIQUE INDEX change_open on change (credential) where ended_at is null;
CREATE INDEX change_credential on change (credential, created_at);
CREATE INDEX change_created on change (created_at, id);
CREATE INDEX job_run_at on job (run_at);
CREATE INDEX automation_next_change on automation (next_change_at);
CREATE INDEX automation_next_heartbeat on automation (next_heartbeat_at);
CREATE UNIQUE INDEX session_open on session (credential) where ended_at is null;
CREATE INDEX session_created on session (created_at, id);
CREATE INDEX session_ended on session (ended_at);
CREATE INDEX session_credential on session (credential, created_at);
CREATE INDEX session_change on session (change);
CREATE INDEX session_started_by on session (started_by);
CREATE INDEX session_link_session on session_link (session, person);
CREATE INDEX session_link_person on session_link (person);
COMMIT;
