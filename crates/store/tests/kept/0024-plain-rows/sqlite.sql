-- The schema as it was after step 24, with a few plain rows in each table. No vault wrote them: seals, hashes and marks in them are
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
INSERT INTO schema_version VALUES(4,'0004_recovery',-7083903910614094527,1770000000000000);
INSERT INTO schema_version VALUES(5,'0005_proof',-7990324515269611672,1770000000000000);
INSERT INTO schema_version VALUES(6,'0006_notice',-7559810327921289720,1770000000000000);
INSERT INTO schema_version VALUES(7,'0007_sign_in',-3028633379039897531,1770000000000000);
INSERT INTO schema_version VALUES(8,'0008_scope',-5647586041237598323,1770000000000000);
INSERT INTO schema_version VALUES(9,'0009_mark',-7715741269554696668,1770000000000000);
INSERT INTO schema_version VALUES(10,'0010_site_answer',-4668531489713598276,1770000000000000);
INSERT INTO schema_version VALUES(11,'0011_redirected',-3646590155978327350,1770000000000000);
INSERT INTO schema_version VALUES(12,'0012_playback',8572687531830520803,1770000000000000);
INSERT INTO schema_version VALUES(13,'0013_first_password',-5597008913335088983,1770000000000000);
INSERT INTO schema_version VALUES(14,'0014_vault_key',5917924384657444605,1770000000000000);
INSERT INTO schema_version VALUES(15,'0015_more_marks',-1314058414272622414,1770000000000000);
INSERT INTO schema_version VALUES(16,'0016_shown_change',4982494373308979632,1770000000000000);
INSERT INTO schema_version VALUES(17,'0017_audit_block',-660685955863393952,1770000000000000);
INSERT INTO schema_version VALUES(18,'0018_learnt_pages',2642479987778506128,1770000000000000);
INSERT INTO schema_version VALUES(19,'0019_credential_changed',4381740106147115433,1770000000000000);
INSERT INTO schema_version VALUES(20,'0020_grant',-8406794336840243164,1770000000000000);
INSERT INTO schema_version VALUES(21,'0021_request',5213595169498877,1770000000000000);
INSERT INTO schema_version VALUES(22,'0022_check_out',-1607202991856714907,1770000000000000);
INSERT INTO schema_version VALUES(23,'0023_review',-3949678443898747162,1770000000000000);
INSERT INTO schema_version VALUES(24,'0024_passkey',1336811676126700856,1770000000000000);
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
, names_normalised boolean not null default false, marked_at integer, mark blob, marks integer not null default 1, set_up_at integer, uses_counted integer not null default 0, review_days integer not null default 90);
INSERT INTO vault VALUES(1,X'11d5eede580efbf6cdd8aed3dd934283',1770000000000000,1,1,1,X'e6622858d911f29d27278519bfe969780f9934c1cd2739aecb58a06182fc1eb7',0,X'879f97b48f2e34af4d7157aeb16d04bf884160ce4c9bad92971e3f3a29010536',0,1770000000000000,X'b3816b1243e9e9c52e4e63e1d80eacc06ee33a5be19d0c467921149205d66de6',1,1770000000000000,1,1);
CREATE TABLE key_slot (
    kind text primary key not null,
    parameters blob not null,
    wrapped blob not null
, number integer not null default 1, lasting blob not null default x'');
INSERT INTO key_slot VALUES('key_file',X'94ad38b7213dd923f051e32109f351af8e6a10451e27221e0ccc615831590de3',X'42b6ab5996d1ece14a18bfd7dd903b3b470d31198901daface6e4904d3ef4c4c',1,X'4c9f3402617ee8c152642d1b49c52ed434724ad1a602f819132623200a84c937');
INSERT INTO key_slot VALUES('passphrase',X'275c5857873036e77f43618b1fcdb5e2f49bc0b15b6645d9ebc10d7ae432707e',X'22dc3042d9b5102a3c065f94fdc276fa3741375411de103558667d3c59a21e81',2,X'dd4da2655abde2b9bf37f54f386a78bd5624629942fb7c2a9b20e0ff1f9c7b99');
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
    email text, mark blob, must_change boolean not null default false, passkeys integer not null default 0);
INSERT INTO person VALUES(X'b0cb0697a0c4fe68adeb3934253b60e0','Mia','mia','administrator',X'cfb0ceec8f16ae471c5ecdd06e0fa66b04b5d2052c5c8b710d45f39145b8436d',X'db5e85f1718c0d841d48d189ece69425',X'8781441a05406b2f70e9b2203e66ea12a2897e83c4bd7ea0d14c9a34d9889dba',X'52de167ab81ea6e5ed7e548a478e7507',X'9e7462b39f9bdbd27d2aac52dbf9a9ff6261fb903fa2eb75cfdaf18c75b53515',NULL,0,1770000000000000,1770000000000000,'mia@example.org',X'f47d8b23bab7ec031d99039f66df975a7836e4672ae3e82e72c0db88e9415ba0',0,1);
INSERT INTO person VALUES(X'1a5a450d06b3044ffda0fe015cc780b2','max','max','member',X'3d190517e4b5805c27c255aef8f28e2ff8df0599fb9b5a6391b005f5d002fd06',X'3c431ac987185344ad753ddd0d11b4a8',X'ff19182b1f1915b009124df1bf52c49e421782677682c7bef0e55cea7f3f33e7',X'd11220b4c5370f99869dead4cd0b72e5',X'2b70f85e9f0d54bda575909e7102ea6f12c939ab780f2c7c568c9b70979e7594',41152263,1,1770000000000001,1770000000000001,NULL,X'1f4a744cc04190271b15dad0d47e28f39f5f881fa5aeae1c655bd90fab455548',1,2);
CREATE TABLE web_session (
    id blob primary key not null,
    token blob not null,
    person blob not null references person (id) on delete cascade,
    created_at integer not null,
    last_used_at integer not null,
    expires_at integer not null,
    agent text not null
, confirmed_at integer not null default 0, mark blob);
INSERT INTO web_session VALUES(X'cbeb7eca0812a0785752d2170c3d324a',X'b1d256900885213ef8138cad7cb5fe9313bb9e74c6f248bdbeccd630783ccf3a',X'b0cb0697a0c4fe68adeb3934253b60e0',1770000000000000,1770000000000000,1770000000000000,'Firefox on Linux',1770000000000000,X'eb83a09a98ec6077e46aea3dbdb09c358a46dc243eb59ab7d702eafccc0d5dfd');
INSERT INTO web_session VALUES(X'a75925d6211cb2c5f2f819e0ff00b87c',X'42f09c9f7522ec34198cfcd5014a406123d5f80a6b5e33a29d06f0a537318cd2',X'1a5a450d06b3044ffda0fe015cc780b2',1770000000000001,1770000000000001,1770000000000001,'curl',1770000000000001,X'3a65ae0807b48494fd5d29aa15ec0ffcef2c9725785d893151a8967359f5b4f8');
CREATE TABLE api_token (
    id blob primary key not null,
    token blob not null,
    person blob not null references person (id) on delete cascade,
    name text not null,
    role text not null,
    created_at integer not null,
    expires_at integer,
    last_used_at integer
, admin boolean not null default false, legacy boolean not null default false, parent blob references api_token (id) on delete cascade, mark blob);
INSERT INTO api_token VALUES(X'49f7ce414634b77d2debb4541c933395',X'559bc1a8f2e81907d6d410f323382b878e20a0930281028c20afb1311cfa0c0d',X'b0cb0697a0c4fe68adeb3934253b60e0','api_token name 1','administrator',1770000000000000,1770000000000000,1770000000000000,0,0,NULL,X'e18428bea2d03680112921533ab9a550acfd31edc0e8d01ae5cc295b058cd1a4');
INSERT INTO api_token VALUES(X'fb9cf50e286aebf9aad199b8cd73ad4e',X'36564eb9e12bfb74b6e0a68cd9084a0c1b041189ee0092da23151dd138a9da3a',X'1a5a450d06b3044ffda0fe015cc780b2','api_token name 2','member',1770000000000001,1770000000000001,1770000000000001,1,1,NULL,X'f6b76c2adce1d4cbdfb7726eecdec868805934b5ec6c6baed0c379d79307e3fc');
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
, mark blob, changed integer, site_host text);
INSERT INTO credential VALUES(X'ef0577f4dcae55bc9b85c1266c4de188','Shop','shop','shop@example.org','https://www.example.org/login','Ask Mia first.','ok',1,0,'totp','SHA1',1,1,1770000000000000,1770000000000000,1770000000000000,'social','shop',X'3faa591fbbd820c58d7d97f5521ebfb566fe81b3b61a95f7a3127bcfd03a4d10',1,'www.example.org');
INSERT INTO credential VALUES(X'764bf46de05f8bbec499cef924567390','Café','café','bank@example.org','https://[2001:db8::1]:8443/','','ok',2,1,'hotp','SHA256',2,2,1770000000000001,1770000000000001,1770000000000001,'shops social','café',X'70b69ed0bf819727fa995af1514b50809ab30a5b7e93e67e9175172d74ee6c8a',2,'[2001:db8::1]');
CREATE TABLE credential_tag (
    credential blob not null references credential (id) on delete cascade,
    tag text not null,
    primary key (tag, credential)
);
INSERT INTO credential_tag VALUES(X'ef0577f4dcae55bc9b85c1266c4de188','social');
INSERT INTO credential_tag VALUES(X'764bf46de05f8bbec499cef924567390','shops');
CREATE TABLE seed (
    credential blob primary key not null references credential (id) on delete cascade,
    version blob not null,
    sealed blob not null,
    print blob not null,
    counter integer
, mark blob);
INSERT INTO seed VALUES(X'ef0577f4dcae55bc9b85c1266c4de188',X'6bca9387fe776797252f4c04c2d6684f',X'50c84f753c4e579b5ae141577de8f64596124671a07b3c6bf92fb399dfbbb740',X'dc5626ed9932cd7eeda5314ec64f215b35b3e1eae4005157486abc5b97ed1843',1,X'e08caf434c57b633aacc97e13305a47dacb7c27b90a5a44635913403060c25d1');
INSERT INTO seed VALUES(X'764bf46de05f8bbec499cef924567390',X'f7a36d1fe0020ef140a22e02067c2d8b',X'8a617a57c8e166d7b0342564e1b7adde2bd3d27b7b2ae783b537c77ecb907dd3',X'e3c6098e3cdc404be4d5bb2eade56e91a273aef47076616e900a9307ad93ef08',2,X'16ca5a0b10d6b058eea1bfafe4e72288ababbd5b3960ba840ba6c6899220c4c0');
CREATE TABLE password_version (
    id blob primary key not null,
    credential blob not null references credential (id) on delete cascade,
    number integer not null,
    state text not null,
    sealed blob not null,
    created_at integer not null,
    created_by text not null
, print blob, proven_at integer, proven_change blob, confirmed_at integer, confirmed_by text);
INSERT INTO password_version VALUES(X'2ef29b92102fdb385348f58455a38e50',X'ef0577f4dcae55bc9b85c1266c4de188',1,'changed',X'7ce2a3a2035bcf50e98d9207ce678945b0b8d2234fa057c4d7b92470a3e5709a',1770000000000000,'password_version created_by 1',X'03c27f5d536975c9a4f0728f7d35c5db8626eafaa58fc57c04e4c2ca06e98ff0',1770000000000000,X'950517f9cb5446033c63145d12b1bbcc',1770000000000000,'password_version confirmed_by 1');
INSERT INTO password_version VALUES(X'255462a147e6745c43bbb8d3e327000d',X'764bf46de05f8bbec499cef924567390',2,'failed',X'bca5c7fd71b8c1a83db2964e05e565996f6a773e75bbed6143cb36173add3ae6',1770000000000001,'password_version created_by 2',X'8799c8ac8321580fc23c3edbd7f38a68c3404faa7626426ba2a9a2f678ead948',1770000000000001,X'1b1db9a756a77e6d9ddaa8171af472bf',1770000000000001,'password_version confirmed_by 2');
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
, settled_by text, asker blob, site_answer text, submitted_at integer);
INSERT INTO change VALUES(X'27f31e2d37ca0d0088c6f77a8f2fa1f9',X'ef0577f4dcae55bc9b85c1266c4de188','change','changed',NULL,'change asked_by_name 1','person','change note 1',1770000000000000,1770000000000000,1770000100000000,1,1770000000000000,X'6c11620d1c4e437b0ab35807ba26e25b',1770000000000000,1,1,1,'change settled_by 1',X'1616540e75c4fc11eb9649fdf55ebcfd','change site_answer 1',1770000000000000);
INSERT INTO change VALUES(X'3043a46c955c67cb82cff266543fef55',X'764bf46de05f8bbec499cef924567390','test','failed','site_unavailable','change asked_by_name 2','schedule','change note 2',1770000000000001,1770000000000001,1770000200000000,2,1770000000000001,X'd8a59e41ee9f47c28b8391526ce57797',1770000000000001,2,2,2,'change settled_by 2',X'3870bebc613e658dc5882da7531c200e','change site_answer 2',1770000000000001);
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
, mark blob, redirected_at integer, pages text, pages_mark blob);
INSERT INTO automation VALUES(X'ef0577f4dcae55bc9b85c1266c4de188','{}',1770000000000000,'automation next_change_because 1',1770000000000000,'automation heartbeat 1',1,1770000000000000,'automation fingerprints 1','automation moved 1',X'b46c5c36615c9a028aef9cd6d846ad5f',X'3ea770892c279071e8acbb4da2c648c3682935e79e5079fc73ebee0f77011ffe','automation browser_identity 1',X'df0714e0836173575ef65628b849983efe2932957bd0d5f00ee0962fbea5f6ac',1770000000000000,'automation pages 1',X'3c2ac52953fb4ec84fcba44ba28d852c55987caaa42e4f1b99bdf282ae794970');
INSERT INTO automation VALUES(X'764bf46de05f8bbec499cef924567390','{}',1770000000000001,'automation next_change_because 2',1770000000000001,'automation heartbeat 2',2,1770000000000001,'automation fingerprints 2','automation moved 2',X'3f7bc610482a17d5862764f8822dbe3d',X'04c480b46c730c7013f979a5dfbd2bbd3372e71a785015405d16d735e0a0ad59','automation browser_identity 2',X'6c2a9a070c6a90ba6801e2005e2c39ccc19e9ce1929a2e82e575157d3b0c3e33',1770000000000001,'automation pages 2',X'6db4c442e107ab613361a33d7680b36bb62dc7ff71039b2046680991433ce4c8');
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
, request blob);
INSERT INTO session VALUES(X'be3799674b874a62d137dde58faf4206',X'ef0577f4dcae55bc9b85c1266c4de188','session credential_name 1',X'27f31e2d37ca0d0088c6f77a8f2fa1f9',0,'ended','person','session end_wish 1',X'789bf638fcef8a167ccaa232b0495add','session started_by_name 1',NULL,1770000000000000,1770000000000000,1770000100000000,1770000000000000,'session node 1',1,1,1,1,1770000000000000,X'55e1e01d72bcc723dd3f50562941ca94');
INSERT INTO session VALUES(X'bee81bd91455947a21c2a01df2ee2af2',X'764bf46de05f8bbec499cef924567390','session credential_name 2',X'3043a46c955c67cb82cff266543fef55',1,'ended',NULL,'session end_wish 2',X'a825973ab95283c1714bfd87aa037e79','session started_by_name 2','site_unavailable',1770000000000001,1770000000000001,1770000200000000,1770000000000001,'session node 2',2,2,2,2,1770000000000001,X'666b8154c01c2314f20b086da5400b6c');
CREATE TABLE session_link (
    token blob primary key not null,
    session blob not null references session (id) on delete cascade,
    person blob not null references person (id) on delete cascade,
    level text not null,
    expires_at integer not null,
    used_at integer
, mark blob);
INSERT INTO session_link VALUES(X'a606910163058353ad628fbb2c7768a8a28507d2e8ff521c4766c96d8593ab49',X'be3799674b874a62d137dde58faf4206',X'b0cb0697a0c4fe68adeb3934253b60e0','view',1770000000000000,1770000000000000,X'1ed3c6843829fd86df96cd3f9091fa7930d18e0afc45a55dd85944e7918a079f');
INSERT INTO session_link VALUES(X'f1e2e0d95cca1f40be7f181f8bf65b7d7954c0bb4e30cefdafcf5b57bd603a91',X'bee81bd91455947a21c2a01df2ee2af2',X'1a5a450d06b3044ffda0fe015cc780b2','control',1770000000000001,1770000000000001,X'baef270751a5d0783b39d85266bbac55acf0143e8de3ffb5a48b612074c9c740');
CREATE TABLE session_part (
    session blob not null references session (id) on delete cascade,
    seq integer not null,
    from_ms integer not null,
    to_ms integer not null,
    is_key boolean not null,
    frames integer not null,
    events integer not null,
    bytes integer not null, key_number integer not null default 1,
    primary key (session, seq)
);
INSERT INTO session_part VALUES(X'be3799674b874a62d137dde58faf4206',1,1,1,0,1,1,1,1);
INSERT INTO session_part VALUES(X'bee81bd91455947a21c2a01df2ee2af2',2,2,2,1,2,2,2,2);
CREATE TABLE recovery_code (
    person blob not null references person (id) on delete cascade,
    code blob not null,
    primary key (person, code)
);
INSERT INTO recovery_code VALUES(X'b0cb0697a0c4fe68adeb3934253b60e0',X'ffcbca8bd19d8d0084ea8d4959ab3d883eafa2c2bbb88b51aaae9f3227f61065');
INSERT INTO recovery_code VALUES(X'1a5a450d06b3044ffda0fe015cc780b2',X'39afd51ed254b5a855f5607005ddd09df9d7170f5953cf5e27f77052f73c746a');
CREATE TABLE notice_settings (
    one integer primary key check (one = 1),
    settings text not null,
    version blob not null,
    sealed blob not null
);
INSERT INTO notice_settings VALUES(1,'{}',X'9579cb15a6b933facfd70a835c0ae726',X'007403b1217066e26ba1526700c583736bd1fb0ad5c7fc58d47e73cad7cf9c83');
CREATE TABLE notice (
    id blob primary key not null,
    change blob,
    credential_name text not null,
    kind text not null,
    what text,
    reason text,
    way text not null,
    recipient text not null,
    created_at integer not null,
    run_at integer not null,
    leased_by text,
    leased_until integer,
    attempts integer not null,
    delivered_at integer,
    given_up_at integer,
    last_error text
, request blob, person text);
INSERT INTO notice VALUES(X'04c66aff493c5e837f75b9c8e92fc649',X'd9aeb48bda33d8cf883b0ad28a980e6b','notice credential_name 1','change','notice what 1',NULL,'mail','team@example.org',1770000000000000,1770000000000000,'notice leased_by 1',1770000000000000,1,1770000000000000,1770000000000000,'notice last_error 1',X'b51d9c5772503e1f124426143daac329','notice person 1');
INSERT INTO notice VALUES(X'2c56784697ddd390e8a674c40fb9b7a8',X'a84b4e6a36de993351c36890f1a3bcaf','notice credential_name 2','change','notice what 2','site_unavailable','webhook','https://hooks.example.org/',1770000000000001,1770000000000001,'notice leased_by 2',1770000000000001,2,1770000000000001,1770000000000001,'notice last_error 2',X'2f5a16e1c7379285f0acf9efaa8df1ce','notice person 2');
CREATE TABLE sign_in_count (
    scope text not null,
    key blob not null,
    failures integer not null,
    locked_until integer,
    last_at integer not null,
    primary key (scope, key)
);
INSERT INTO sign_in_count VALUES('user',X'02800721aaf16c08535722e97c02b76f95f4fb44d22361de2f8750be7ad46475',1,1770000000000000,1770000000000000);
INSERT INTO sign_in_count VALUES('address',X'93cd9ca6514c17f1f858711e4db272273d094fa3f1ca18b16d9c0a0568957e53',2,1770000000000001,1770000000000001);
CREATE TABLE known_browser (
    token blob not null,
    person blob not null references person (id) on delete cascade,
    created_at integer not null,
    last_used_at integer not null,
    primary key (token, person)
);
INSERT INTO known_browser VALUES(X'0ca1a4cefb7494cd4d84e782ebe6c27acda3384ebef9f1e57fd47d73234cee1e',X'b0cb0697a0c4fe68adeb3934253b60e0',1770000000000000,1770000000000000);
INSERT INTO known_browser VALUES(X'43516d2ba32154a25c72f3e073962870d49c474b2a658af6f4d92dd4eb5ab917',X'1a5a450d06b3044ffda0fe015cc780b2',1770000000000001,1770000000000001);
CREATE TABLE playback (
    session blob not null references session (id) on delete cascade,
    bearer blob not null,
    expires_at integer not null,
    mark blob not null,
    primary key (session, bearer)
);
INSERT INTO playback VALUES(X'be3799674b874a62d137dde58faf4206',X'4e002fd4d030d336dce8a758b84686b0',1770000000000000,X'fcdfab6fe3922ccdb88d6b6146ea575a0ee97a28f0d6a7a83d2fb1d979acb357');
INSERT INTO playback VALUES(X'bee81bd91455947a21c2a01df2ee2af2',X'81ac0f02406a3c3af01229bcd942766c',1770000000000001,X'ec8e3e2614fa64acf2c732483b55e790350f6690ff3d71e6dbe3aa4f22129b9c');
CREATE TABLE person_link (
    person blob primary key not null references person (id) on delete cascade,
    token blob not null,
    expires_at integer not null,
    mark blob not null
);
INSERT INTO person_link VALUES(X'b0cb0697a0c4fe68adeb3934253b60e0',X'6e1035701cbb50f1bc569281b22aa5ec3af8382c3a92884f5e0d04f490b4e8ee',1770000000000000,X'061ca8dc505967fff5ed5ed31b11afc015cdd0f96a7408ccc3367cc0f8a88d02');
INSERT INTO person_link VALUES(X'1a5a450d06b3044ffda0fe015cc780b2',X'abe75884361141105ff6b17197d6ede4bcf2821200da9c8f3e781afd246c5bf9',1770000000000001,X'bcd3d2ff2b2382e9649812f59aaac3ea87cb1d645157a40afb9b910f30eb0af6');
CREATE TABLE vault_key (
    number integer primary key not null,
    id text not null,
    created_at integer not null,
    -- When it began to seal; none while other servers still learn of it.
    active_at integer,
    kind text,
    parameters blob,
    wrapped blob,
    lasting blob
);
INSERT INTO vault_key VALUES(1,'vault_key id 1',1770000000000000,1770000000000000,NULL,X'679fa40c20a909469de9ea0d80be0b5090a68528e86a136252c419c383bc2f40',X'6fbe47930d19a464392a6dbf046e8e4cefb64ef4f36376faaee5fd5b5a42bc0f',X'e6b9d0b6e1325edc2855755395999a93b51dfa4585585c747f2cafc1c26bba6c');
INSERT INTO vault_key VALUES(2,'vault_key id 2',1770000000000001,1770000000000001,'key_file',X'15b44a5aca4a48f8a22e3d75f6cdb3bb9c5eb00ee8e7735bedf4b42fadca04c3',X'dffe11fa6ef5ac57f36ee1bdebb349422c5e36a36f13b0059b8dd746c5549cb6',X'4282fcca8efeb6458dbcde9866db6e046ffe361febf5b923a6809432fdedff29');
CREATE TABLE audit_block (
    last integer primary key,
    first integer not null,
    root blob not null,
    entries blob not null
);
INSERT INTO audit_block VALUES(1,1,X'ff9a8b25efd606b1d361bcdd2771314d18a890586798b951859ef8d370122b97',X'c84181832c5c9829a6eb346135a12a8af157c61cc36fad1016024e3f2aa7c3fc');
INSERT INTO audit_block VALUES(2,2,X'ad07189d5883b026e33af83a16c5a44c1c0e19f9d69000fc4849bab98d9c9b54',X'0c9ea73b58dc451f398cd82a77d147bdace5493ec6e188ddf2064c43f948e4cf');
CREATE TABLE audit_index (
    id integer primary key,
    terms blob not null
);
INSERT INTO audit_index VALUES(1,X'd1f82027afc038ff1b0d808c5da2a5c7764af34b6c83e98af6de501ce75a85b7');
INSERT INTO audit_index VALUES(2,X'a4883dd636de4b21c9ff5fb5334dca044b09c037015fd4566ba2e5bd2614efe0');
CREATE TABLE audit_run (
    run integer primary key,
    since integer not null,
    until integer not null,
    -- In which of its 64 segments something of authority happened, one bit each; what was ended hangs on it, so it is marked.
    authority integer not null,
    mark blob
);
INSERT INTO audit_run VALUES(1,1,1770000000000000,1,X'8fe34d4154db4b09d823d985b3322a13e5163bea977a4ee493d3b9f27451a329');
INSERT INTO audit_run VALUES(2,2,1770000000000001,2,X'47bbbab7f589fddb66850b2844a97186f2f9cc09f8afc9f66d0e913eee633aff');
CREATE TABLE audit_name (
    name text not null,
    thing blob not null,
    primary key (name, thing)
) without rowid;
INSERT INTO audit_name VALUES('audit_name name 1',X'dec25f6b82eb60f877f554af127022de8d58220a292e7d432c3985404368fcd6');
INSERT INTO audit_name VALUES('audit_name name 2',X'3e59670645f333a11d80250d98118c6798c3236fca9eec16c158db082481a722');
CREATE TABLE credential_gone (
    credential blob primary key not null,
    changed integer not null
);
INSERT INTO credential_gone VALUES(X'f8f10fcf12630fbe116e198aa93d0044',1);
INSERT INTO credential_gone VALUES(X'49d56ca04d2d64945efef8bf5828fa0a',2);
CREATE TABLE person_group (
    id blob primary key not null,
    name text not null,
    name_key text not null,
    created_at integer not null,
    mark blob
);
INSERT INTO person_group VALUES(X'0d26622602551c51eb0f0c129213ed21','person_group name 1','person_group name_key 1',1770000000000000,X'374e20513d1f71d64e75d61f62448a4407fb0807f58a67cbc0970f4c76fd3372');
INSERT INTO person_group VALUES(X'90c695f60bcc8fe021dce66d98dc230b','person_group name 2','person_group name_key 2',1770000000000001,X'81e368a7b8936afff1e12a5231d7673264bfd71472d4d9ab4da05204e1eceb5d');
CREATE TABLE group_member (
    id blob primary key not null,
    grp blob not null references person_group (id) on delete cascade,
    person blob references person (id) on delete cascade,
    inner_grp blob references person_group (id) on delete cascade,
    mark blob
);
INSERT INTO group_member VALUES(X'dd823fc860c7281697740a5706efe733',X'0d26622602551c51eb0f0c129213ed21',X'b0cb0697a0c4fe68adeb3934253b60e0',NULL,X'0a59c1b283924e2972051875479e10b612cc8eab6af0ff5dd51610013a963fc6');
INSERT INTO group_member VALUES(X'01b4368f7f385cfb41f5e2dac9cce877',X'0d26622602551c51eb0f0c129213ed21',NULL,X'90c695f60bcc8fe021dce66d98dc230b',X'ceb6c07fd481bfabd332796802e11b7953a916b36dccaa9be08e5f9345f9b797');
CREATE TABLE access_grant (
    id blob primary key not null,
    person blob references person (id) on delete cascade,
    grp blob references person_group (id) on delete cascade,
    credential blob references credential (id) on delete cascade,
    tag text,
    site text,
    token boolean not null,
    reveal boolean not null,
    session text,
    extras text,
    change boolean not null,
    edit boolean not null,
    share boolean not null,
    audit boolean not null,
    conditions text not null,
    starts_at integer,
    ends_at integer,
    created_at integer,
    created_by text,
    mark blob
);
INSERT INTO access_grant VALUES(X'7f4c80d8da81d59c496fc5906a8ddbc0',X'b0cb0697a0c4fe68adeb3934253b60e0',NULL,X'ef0577f4dcae55bc9b85c1266c4de188',NULL,NULL,0,0,'control',NULL,0,0,0,0,'{}',1770000000000000,1770000000000000,1770000000000000,'access_grant created_by 1',X'55b85469e49e7907e7fde10afce896da79828918035f80780b3f49616cb31308');
INSERT INTO access_grant VALUES(X'b11ab33d7b45392b16c817fdc7f43a7f',NULL,X'90c695f60bcc8fe021dce66d98dc230b',NULL,'shops',NULL,1,1,NULL,NULL,1,1,1,1,'{}',1770000000000001,1770000000000001,1770000000000001,'access_grant created_by 2',X'a7a853b495344d7159031d8ba5ac387bb5cf95908b09463e055bcd3cba41dc2d');
CREATE TABLE access_request (
    id blob primary key not null,
    credential blob not null references credential (id) on delete cascade,
    grant_id blob not null,
    person blob not null references person (id) on delete cascade,
    created_at integer not null,
    waits_until integer not null,
    starts_at integer,
    ends_at integer,
    closed text,
    terms text not null,
    closing text,
    mark blob
);
INSERT INTO access_request VALUES(X'f6dd1de23f7547cdd6f915d890642ff6',X'ef0577f4dcae55bc9b85c1266c4de188',X'bdc5ee6f036431289862858d7da1f909',X'b0cb0697a0c4fe68adeb3934253b60e0',1770000000000000,1770000000000000,1770000000000000,1770000000000000,'ended','{}','access_request closing 1',X'cddec2c2aa349481d69d241476dc820bf79d24561f9956731fc32d898cc7836d');
INSERT INTO access_request VALUES(X'10531d6d0e39f07a9c306f020a36d09b',X'764bf46de05f8bbec499cef924567390',X'053e2c686412973f9bf0bb0e34a43473',X'1a5a450d06b3044ffda0fe015cc780b2',1770000000000001,1770000000000001,1770000000000001,1770000000000001,NULL,'{}','access_request closing 2',X'2eb78eb28cc0c4f5935e73489eab79ca53665e0d892a72d89569e83c67341993');
CREATE TABLE check_out (
    credential blob primary key not null references credential (id) on delete cascade,
    holder blob,
    due_at integer,
    state text not null,
    mark blob
);
INSERT INTO check_out VALUES(X'ef0577f4dcae55bc9b85c1266c4de188',X'7f3e8e35bd8b06dd7ab894a72b348432',1770000000000000,'{}',X'bb03cd47471238f987c413a26cbfbf6cbd77593bf05a74d611ebe97b0d01aba9');
INSERT INTO check_out VALUES(X'764bf46de05f8bbec499cef924567390',X'e0f414df54ad46663926e17f53c4fbf0',1770000000000001,'{}',X'3c91d76edcdb80ef7ae7b08b81888a7e2aaebb9bceea03f637629ebe1b64585a');
CREATE TABLE grant_decision (
    grant_id blob primary key not null references access_grant (id) on delete cascade,
    decided_at integer not null,
    decided_by text not null,
    mark blob
);
INSERT INTO grant_decision VALUES(X'7f4c80d8da81d59c496fc5906a8ddbc0',1770000000000000,'grant_decision decided_by 1',X'726ceddba42714e2182efde5040c26f515e63b3f570afe42c99cb0ebd2104ee2');
INSERT INTO grant_decision VALUES(X'b11ab33d7b45392b16c817fdc7f43a7f',1770000000000001,'grant_decision decided_by 2',X'1a5e3bcdba272970f5bce5f9e614fb64f1e508ec6d718b16f00793079100b7e6');
CREATE TABLE last_use (
    thing blob primary key not null,
    used_at integer not null,
    actor blob not null,
    actor_name text not null,
    act text not null,
    uses integer not null
);
INSERT INTO last_use VALUES(X'b2da724b3ffeb963dfbcd9e3f95eaf65',1770000000000000,X'c985cc0a98ee3f7b286898e8bc7cdeaa','last_use actor_name 1','token.read',1);
INSERT INTO last_use VALUES(X'58b314578b211ca21c2f918200239866',1770000000000001,X'75353dd673e5afa17d33acd600d8f1bd','last_use actor_name 2','credential.added',2);
CREATE TABLE passkey (
    id blob primary key not null,
    person blob not null references person (id) on delete cascade,
    credential blob not null,
    name text not null,
    stored text not null,
    created_at integer not null,
    last_used_at integer,
    mark blob
);
INSERT INTO passkey VALUES(X'2e40b09f0ce952aadfbd9157ac0bf3ef',X'b0cb0697a0c4fe68adeb3934253b60e0',X'4cb16dc018985cb1b9c18b33b7b2c032aee2e14fbf4046ca254d11a38dddc1e0','passkey name 1','{}',1770000000000000,1770000000000000,X'bbb7f0f9df1093a05b33626c2f03c929d41005c41e937adaf9761cd7a7d6a0e8');
INSERT INTO passkey VALUES(X'cd282ca3955a6cc6956c33f209a39248',X'1a5a450d06b3044ffda0fe015cc780b2',X'dd3a00248b7f9eb9c4a7a40d545ea4f364fbbf8e4c84af1e8fd197e13c0ae2eb','passkey name 2','{}',1770000000000001,1770000000000001,X'51036228240a53e908b5a34af90447371a4fa1bce656d698d442edfde4409633');
CREATE TABLE passkey_challenge (
    id blob primary key not null,
    holder blob not null,
    state text not null,
    expires_at integer not null,
    mark blob
);
INSERT INTO passkey_challenge VALUES(X'5609115a13b5ec927f0c80a4863311c4',X'ddb0f4e94825ae5e8f385a9488f6d45d88b78b898669ebfc7c55f4b8d62eef0c','changed',1770000000000000,X'168478212a62ea4490b8152411f938599e0973ee0ec91d4021963b4866461c49');
INSERT INTO passkey_challenge VALUES(X'b42d49c32226bb86bab3ab6d315bb4dc',X'62518a293ca3031ba1d1398fc45251f42f9183ab404cbef1f1a504cc8abd98c9','failed',1770000000000001,X'1ebbef3be51530839ca56902850d2e35a53b414b52e5dbb44213b94814010989');
CREATE UNIQUE INDEX person_name on person (name_key);
CREATE UNIQUE INDEX web_session_token on web_session (token);
CREATE INDEX web_session_person on web_session (person);
CREATE UNIQUE INDEX api_token_token on api_token (token);
CREATE INDEX api_token_person on api_token (person);
CREATE UNIQUE INDEX credential_name on credential (name_key);
CREATE INDEX credential_updated on credential (updated_at, id);
CREATE INDEX credential_list on credential (name_key, id, search, status, kind);
CREATE INDEX credential_tag_credential on credential_tag (credential);
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
CREATE INDEX notice_due on notice (run_at) where delivered_at is null and given_up_at is null;
CREATE INDEX notice_created on notice (created_at, id);
CREATE INDEX notice_change on notice (change, kind);
CREATE INDEX sign_in_count_last on sign_in_count (last_at);
CREATE INDEX known_browser_person on known_browser (person);
CREATE INDEX api_token_parent on api_token (parent);
CREATE INDEX playback_expires on playback (expires_at);
CREATE UNIQUE INDEX person_link_token on person_link (token);
CREATE VIEW shown_change as
    select id, credential, kind, state, reason, asked_by_name, because, note, created_at, started_at, ended_at, not_before,
        waiting_until, candidate, armed_at, attempts, current_tries, candidate_tries, settled_by, asker, site_answer, submitted_at
    from change where kind <> 'sign_in';
CREATE INDEX credential_changed on credential (changed) where changed is not null;
CREATE INDEX credential_gone_changed on credential_gone (changed);
CREATE TRIGGER credential_added after insert on credential when new.changed is null
begin
    update credential set changed = coalesce((select audit_size + 1 from vault), 1) where rowid = new.rowid;
end;
CREATE TRIGGER credential_edited after update of name_key, search, site, updated_at, status, kind, tags on credential
begin
    update credential set changed = coalesce((select audit_size + 1 from vault), 1) where rowid = new.rowid;
end;
CREATE TRIGGER credential_removed after delete on credential
begin
    insert or replace into credential_gone (credential, changed)
        values (old.id, coalesce((select audit_size + 1 from vault), 1));
end;
CREATE UNIQUE INDEX person_group_name on person_group (name_key);
CREATE UNIQUE INDEX group_member_person on group_member (person, grp);
CREATE UNIQUE INDEX group_member_inner on group_member (inner_grp, grp);
CREATE INDEX group_member_grp on group_member (grp);
CREATE INDEX access_grant_person on access_grant (person);
CREATE INDEX access_grant_grp on access_grant (grp);
CREATE INDEX access_grant_credential on access_grant (credential);
CREATE INDEX access_grant_tag on access_grant (tag);
CREATE INDEX access_grant_site on access_grant (site);
CREATE INDEX credential_site_host on credential (site_host);
CREATE INDEX access_request_person on access_request (person, ends_at);
CREATE INDEX access_request_credential on access_request (credential);
CREATE INDEX access_request_grant on access_request (grant_id) where closed is null;
CREATE INDEX access_request_open on access_request (waits_until) where closed is null and ends_at is null;
CREATE INDEX session_request on session (request) where request is not null;
CREATE INDEX check_out_due on check_out (due_at) where due_at is not null;
CREATE INDEX check_out_holder on check_out (holder) where holder is not null;
CREATE UNIQUE INDEX passkey_credential on passkey (credential);
CREATE INDEX passkey_person on passkey (person);
CREATE UNIQUE INDEX passkey_challenge_holder on passkey_challenge (holder);
CREATE INDEX passkey_challenge_expires on passkey_challenge (expires_at);
COMMIT;
