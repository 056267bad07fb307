PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE schema_version (
        number integer primary key not null,
        name text not null,
        checksum integer not null,
        applied_at integer not null
    );
INSERT INTO schema_version VALUES(1,'0001_vault',1455388052761349137,0);
INSERT INTO schema_version VALUES(2,'0002_change',-8563920229359756708,0);
INSERT INTO schema_version VALUES(3,'0003_session',-5149511924605312200,0);
INSERT INTO schema_version VALUES(4,'0004_recovery',-7083903910614094527,0);
INSERT INTO schema_version VALUES(5,'0005_proof',-7990324515269611672,0);
INSERT INTO schema_version VALUES(6,'0006_notice',-7559810327921289720,0);
INSERT INTO schema_version VALUES(7,'0007_sign_in',-3028633379039897531,0);
INSERT INTO schema_version VALUES(8,'0008_scope',-5647586041237598323,0);
INSERT INTO schema_version VALUES(9,'0009_mark',-7715741269554696668,0);
INSERT INTO schema_version VALUES(10,'0010_site_answer',-4668531489713598276,0);
INSERT INTO schema_version VALUES(11,'0011_redirected',-3646590155978327350,0);
INSERT INTO schema_version VALUES(12,'0012_playback',8572687531830520803,0);
INSERT INTO schema_version VALUES(13,'0013_first_password',-5597008913335088983,0);
INSERT INTO schema_version VALUES(14,'0014_vault_key',5917924384657444605,0);
INSERT INTO schema_version VALUES(15,'0015_more_marks',-1314058414272622414,0);
INSERT INTO schema_version VALUES(16,'0016_shown_change',4982494373308979632,0);
INSERT INTO schema_version VALUES(17,'0017_audit_block',-660685955863393952,0);
INSERT INTO schema_version VALUES(18,'0018_learnt_pages',2642479987778506128,0);
INSERT INTO schema_version VALUES(19,'0019_credential_changed',4381740106147115433,0);
INSERT INTO schema_version VALUES(20,'0020_grant',-8406794336840243164,0);
INSERT INTO schema_version VALUES(21,'0021_request',5213595169498877,0);
INSERT INTO schema_version VALUES(22,'0022_check_out',-1607202991856714907,0);
INSERT INTO schema_version VALUES(23,'0023_review',-3949678443898747162,0);
INSERT INTO schema_version VALUES(24,'0024_passkey',1336811676126700856,0);
INSERT INTO schema_version VALUES(25,'0025_service_account',-4477907168406224145,0);
INSERT INTO schema_version VALUES(26,'0026_scim',2178820217277824294,0);
INSERT INTO schema_version VALUES(27,'0027_provider',4111565206799783844,0);
INSERT INTO schema_version VALUES(28,'0028_sink',-8840432691410871238,0);
INSERT INTO schema_version VALUES(29,'0029_federated_identity',-1985126727404924139,0);
INSERT INTO schema_version VALUES(30,'0030_device',4812284493282176984,0);
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
INSERT INTO vault VALUES(1,X'0102b362098875baaf0999ba160d0bc7',1111111109000000,22,92,0,X'f33c784f63b937bb9461b65ddbb7e8cf39f3a17e7f8e803d7b3de8fc04f55f7c',0,NULL,1,1111111109000000,X'490db9b3b38c2d6de6495f464a30b154e5574d0918625391bee2e130a5470580',3,1111111109000000,44,60);
CREATE TABLE key_slot (
    kind text primary key not null,
    parameters blob not null,
    wrapped blob not null
, number integer not null default 1, lasting blob not null default x'');
INSERT INTO key_slot VALUES('key file',X'',X'a4634a7552d9c4c7ab2181ccad536c60c36ca1aee89d3995a020cdbcb9e4a269b3f0d3443e6383f3e49bf7a0bff52e21d201c97c17727f1bc7ae8bab',2,X'89cb52f419fe08ce4aa8d7d51e295df346f8b6a047f3a14171e8f1dd06ff7c0a7b49987479737f255579276a40c939eb736d765f95143651145d00135f9da9aba11bcfd4918fc3b51c47aff1a5da256e0b3c5175bdd0d163dd5e4075870f9cf29eae69b67f72ecf9d8b93ad0702f1e7a86b584751a1623598d9320e1');
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
INSERT INTO person VALUES(X'0102b36209887c37a2c8591592f6cf91','root','root','administrator',X'010800000001000000492d9f8730eae40e5ac0a68c171018ef1207af674049cb44f5d1d772b99e1339f7452085f1c7100526adaef58cf871ab',NULL,NULL,NULL,NULL,NULL,0,1111111109000000,NULL,NULL,X'dc21135a828a1fa35953766422260dcab8af5b797434b4d66184c80eef615725',0,0);
INSERT INTO person VALUES(X'011f5d6194507ebda8a8ebdfb844b2b2','mia','mia','manager',X'010800000001000000065f9391137d63046854387ea53ac8b5b308d2b9b62f1fc2b6615879b76fa5c397b1bb394351b159a5b3428028e8224f',X'011f5d61945072f4a3da759abc9a5676',X'0200000002c8fce54fee6224229eb4ab96c5b4e8ae7e53c90e85cf6e37f7874ccdbbf7cfdf6179153271a8f443f095a0124de540513ccb53031b5fb86afcf64f3a63774d484038c1923fe32080da41a0a82fd9c28cc417473037a01818ad0e2d9151830f0227ef21fe30f5fba377d8c1b95a1fd16df0e45925ab3659e7',NULL,NULL,41140743,0,1234222290000000,1234222290000000,NULL,X'c4371b845862f656493760334b60b933dfe7ea682b95e5fbcea871b3397cc676',1,0);
INSERT INTO person VALUES(X'011f5d619450785596ab482bc6df3a03','ben','ben','member',X'010800000001000000d96a6dfd2e762838f9efb841463ac2fca342d46976e0b6d580bbb0e1c488fd7f596d03767b5847b8dfff6518ba8e6cf0',NULL,NULL,NULL,NULL,NULL,0,1234222290000000,1234308731000000,NULL,X'30708d857d2fa913281e9d07af48bb961f562e460864b73694d5b39118bffd3f',1,0);
INSERT INTO person VALUES(X'011f5d619450706dabbc403b45498b70','max','max','member',X'0108000000010000003f51c2caba6fb2dae65ad897bec837b3e1910c5326f9daf8507655a9a7f02e9566df89c20728960128debc46ea99dfe9',NULL,NULL,NULL,NULL,NULL,0,1234222290000000,1234308731000000,'max@example.org',X'2ff6091361eb6457ef15de16cba7dd57b79fa64e8c3b77cb263ce35f50bfd4f2',1,0);
INSERT INTO person VALUES(X'011f5d6194507862940e9cdd22531ad1','ada','ada','auditor',X'0108000000010000004deb28f7138f562375b94c42331a5bbfba4088faa7c7ae8d07195c250d97699ac4af54ea6c59d10dcf6aea86f3c8d1a7',NULL,NULL,NULL,NULL,NULL,0,1234222290000000,1234222290000000,NULL,X'baa0b3ce53759d0352a1f9735f736953ff1f6519eb60b9234f48b57ea617aa24',1,1);
INSERT INTO person VALUES(X'011f5d6194507f03aaaddcf6058eef99','eva','eva','member',X'010800000001000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000',NULL,NULL,NULL,NULL,NULL,0,1234222290000000,NULL,NULL,X'84c10abb1645ad50dd116c05bf8e810fc077c43a52faa163def98e4d36f8a032',1,0);
INSERT INTO person VALUES(X'011f6287f4387a1483b1fed557784667','ida','ida','auditor',X'010800000001000000f6da4c976b82acae4ce06d31d41b6c3590d4d3ac77b90f4a328d6a040b10e1143ebfa18cf6be30c7b4d3664b57478403',NULL,NULL,NULL,NULL,NULL,0,1234308691000000,1234308691000000,NULL,X'aaca8bbb79c0b9e7898d32cb719e4f176567ac126b97f231fc2a4ac03b9237c9',1,0);
INSERT INTO person VALUES(X'011f6287f438767593c2a616f87f5cba','deploy','deploy','member',X'010800000001000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000',NULL,NULL,NULL,NULL,NULL,0,1234308691000000,NULL,NULL,X'ed48ccf7ad517aa88f2318e7cddf8ea317c93f7b8ae6d91b8121d99940f4f32f',1,0);
INSERT INTO person VALUES(X'011f6287f4387176aa76cb3f353d5565','pipeline','pipeline','member',X'010800000001000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000',NULL,NULL,NULL,NULL,NULL,0,1234308691000000,NULL,NULL,X'526440f90702246bb07799a5f61be2b4cc3ba3d643d52c02b6569624021a3406',1,0);
INSERT INTO person VALUES(X'011f6287f4387b3baf850b0fff92c714','sam','sam','member',X'010800000001000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000',NULL,NULL,NULL,NULL,NULL,0,1234308691000000,NULL,NULL,X'913d2eee2bf38ba0a1486b27859e179db56f543fac50879f6bb5bb93d788e8ee',1,0);
INSERT INTO person VALUES(X'011f6287f4387f8983ce21f8ff019b50','zoe','zoe','member',X'010800000001000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000',NULL,NULL,NULL,NULL,NULL,0,1234308691000000,1234308691000000,NULL,X'bea3e4a01d3bb1c87bbfe64f9672a2642a309b136abc21a96bb2b1aa7b340e21',0,0);
CREATE TABLE web_session (
    id blob primary key not null,
    token blob not null,
    person blob not null references person (id) on delete cascade,
    created_at integer not null,
    last_used_at integer not null,
    expires_at integer not null,
    agent text not null
, confirmed_at integer not null default 0, mark blob, came_by text);
INSERT INTO web_session VALUES(X'011f5d61945075f78465b067bb237968',X'f90ecee94e5b97ba0001cc17dbbd57ff15fa323c8cfbe40376ea869817e915b4',X'011f5d6194507ebda8a8ebdfb844b2b2',1234222290000000,1234222290000000,1234251090000000,'test',1234222290000000,X'8c7fa4225ea1f04630dc93e1fe27feb22e6726f54f00f949c976b61bc9956d63',NULL);
INSERT INTO web_session VALUES(X'011f5d61945075d9a198400df940c49e',X'381690d06b8b91b7384fa036c384c67928544efa5068fb699460bcea42791481',X'011f5d619450785596ab482bc6df3a03',1234222290000000,1234222290000000,1234251090000000,'test',1234222290000000,X'7474bc131b930cff2eb555aa39e5dbfeea55cfa8fce2438a08bb8ca3ab2ffffe',NULL);
INSERT INTO web_session VALUES(X'011f5d619450756ea8c7f78a6be1f1f7',X'8ee59b02345a6093a2077fa31ae7319d6e21d5157198b0130dcc22dd46610361',X'011f5d619450706dabbc403b45498b70',1234222290000000,1234222290000000,1234251090000000,'test',1234222290000000,X'67e12879fe4a032e0599c397df4505103697780c0c0847836aef2e39bb26d461',NULL);
INSERT INTO web_session VALUES(X'011f5d619450738e862b03a44631643e',X'cea54cec0500ef2a832cfee5ec4ff36c660ac9d2d5bcd1b527c91118b4618d8c',X'011f5d6194507862940e9cdd22531ad1',1234222290000000,1234222290000000,1234251090000000,'test',1234222290000000,X'4bfe910f1feb0af8e1154033549107967c578b0f651b212749ce5e62ec70e559',NULL);
INSERT INTO web_session VALUES(X'011f6287f43873b4b1e1c09477cced56',X'2b6e5c5aef8faa3f58661e1009e147615090552c12b05043e5cb3e47bc59084f',X'011f6287f4387a1483b1fed557784667',1234308691000000,1234308691000000,1234337491000000,'test',1234308691000000,X'1a99d5c70e105b8e4058a5e095fbbda9cfbddb435a11347ed6977eaa7f499d83',NULL);
INSERT INTO web_session VALUES(X'011f6287f4387ac28b9122cb6df7ce1e',X'34fe1b6db98f74f7adf6dff08146c1042f3ef05ca59c406daec30c7198634248',X'011f6287f4387f8983ce21f8ff019b50',1234308691000000,1234308691000000,1234337491000000,'test',1234308691000000,X'd120b1b135338c7a5510bb51c5ad6d1902e84efca626cc59fa531e282a56ee7a','provider');
INSERT INTO web_session VALUES(X'011f62889078769b8a47612a9dddcd48',X'f778a7b089905b5c6a77c8b14ce6faaa93fffc9b01fcb5b5bf300fa09f7f6f28',X'011f5d619450785596ab482bc6df3a03',1234308731000000,1234308731000000,1234337531000000,'test',1234308731000000,X'e130960af116c5bc3c2bbe7f661a29f53b17ed521065253e7f35376ce0e2e5f6',NULL);
INSERT INTO web_session VALUES(X'011f628890787c31b326e797eecf5868',X'd51e806a21f9187466071cc3a111cab6b5b5de3597d63840ade9424da5413bce',X'011f5d619450706dabbc403b45498b70',1234308731000000,1234308731000000,1234337531000000,'test',1234308731000000,X'740f1db1397ac6357b11cc0226f872a5143874579e039259f9b6e0269bc53b42',NULL);
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
INSERT INTO api_token VALUES(X'011f628890787a2d9a6a23f7c2121224',X'cee9b7c350c1fd5fe7a322a0bae549204378c765c8ac40699b27fcc0dc1c7028',X'0102b36209887c37a2c8591592f6cf91','ci','administrator',1234308731000000,1242084731000000,NULL,1,0,NULL,X'488e3d60350fd04af0307cd614fac769b5c49daadc8787bf056b27e61152d2ba');
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
INSERT INTO credential VALUES(X'011f5d61945075748e3920674d801592','Shop','shop','alice@example.org','https://example.org/','Ask *Mia* first.','active',1,1,'totp','SHA1',8,30,1234222290000000,1234222290000000,1234222290000000,'["social"]',replace('shop\nalice@example.org\nsocial','\n',char(10)),X'2f192d645abb7b21c57542331672e58b7a26ea967b32f48eed439ddfbe6df07c',14,'example.org');
INSERT INTO credential VALUES(X'011f5d6194507660a263666ad675c809','Bakery','bakery','alice@example.org','https://example.org/','','active',2,1,'totp','SHA1',8,30,1234222290000000,1234308691000000,1234308691000000,'["back office"]',replace('bakery\nalice@example.org\nback office','\n',char(10)),X'05b8514c078abb66e4aed23294ebc43a9237c8718082e0b7f3dd5400d629cb9f',50,'example.org');
INSERT INTO credential VALUES(X'011f5d61945077149ac2db3684a61db8','Bank','bank','alice@example.org','https://example.org/','','active',1,1,'totp','SHA1',8,30,1234222290000000,1234222290000000,1234222290000000,'["back office"]',replace('bank\nalice@example.org\nback office','\n',char(10)),X'1f9684c5186533f18bf23170fa07d79458a4c545d81a50b10a755d25cc331caa',16,'example.org');
INSERT INTO credential VALUES(X'011f5d6194507a18ac20142eb7368a2b','Café','café','alice@example.org','https://example.org/','','active',1,1,NULL,NULL,NULL,NULL,1234222290000000,1234222290000000,1234222290000000,'["back office"]',replace('café\nalice@example.org\nback office','\n',char(10)),X'538640509c4190c2e96a4e835d0de3f61b7eb51b25df1ac4b33aab98610abd30',17,'example.org');
INSERT INTO credential VALUES(X'011f5d6194507eb6b58a928541fe7568','Studio','studio','alice@example.org','https://example.org/','','active',1,1,'totp','SHA1',8,30,1234222290000000,1234222290000000,1234222290000000,'["social"]',replace('studio\nalice@example.org\nsocial','\n',char(10)),X'60c8a30e806ea72c2470ef2dae848c430d8d3c2f502314cdad0b8861fa4c6a08',18,'example.org');
INSERT INTO credential VALUES(X'011f5d61945079f28765cb04c7174603','Counter','counter','alice@example.org','https://example.org/','','active',1,1,'hotp','SHA1',6,NULL,1234222290000000,1234222290000000,1234222290000000,'["social"]',replace('counter\nalice@example.org\nsocial','\n',char(10)),X'49a06abb5f46615f8e3b9e3756ca883fd50c13764201b4fb523040dd146b386e',19,'example.org');
CREATE TABLE credential_tag (
    credential blob not null references credential (id) on delete cascade,
    tag text not null,
    primary key (tag, credential)
);
INSERT INTO credential_tag VALUES(X'011f5d61945075748e3920674d801592','social');
INSERT INTO credential_tag VALUES(X'011f5d6194507660a263666ad675c809','back office');
INSERT INTO credential_tag VALUES(X'011f5d61945077149ac2db3684a61db8','back office');
INSERT INTO credential_tag VALUES(X'011f5d6194507a18ac20142eb7368a2b','back office');
INSERT INTO credential_tag VALUES(X'011f5d6194507eb6b58a928541fe7568','social');
INSERT INTO credential_tag VALUES(X'011f5d61945079f28765cb04c7174603','social');
CREATE TABLE seed (
    credential blob primary key not null references credential (id) on delete cascade,
    version blob not null,
    sealed blob not null,
    print blob not null,
    counter integer
, mark blob);
INSERT INTO seed VALUES(X'011f5d61945075748e3920674d801592',X'011f5d6194507948906fb0ec48bf0237',X'020000000211d0555b60deab7fe1df566464ae3526f238f12f859a1266a014cb444f1b2c088d59a67b96daf9976b3a65bdaee9f6b610697adb1c648f58ad52d8e95a7198ce9e8f61af64b68c3af712b4ea1a8ae09eae22180ab404f93be65b90aa7c8d4e0cfb648b9813444da6cf39e22b0d9f67c6a875bbb508ca27ac',X'34095e4e75e96fe37612aa14854725ce',NULL,NULL);
INSERT INTO seed VALUES(X'011f5d6194507660a263666ad675c809',X'011f5d6194507402b1dca4524fbe746e',X'0200000002381174c49a250de1dbd58519cc15eba344bedb5730bfff1f764621202f53ca0c59af46260917565edd92773fca0e27e9cfdac0b3d561b12760a7ae21ac331568d3e0b0fa32c04aef96383a1e25f24b39832d535f74ce241d77646d700947f308beaceb3f035c68a345378dbfae75affa342452f5d612a42f',X'34095e4e75e96fe37612aa14854725ce',NULL,NULL);
INSERT INTO seed VALUES(X'011f5d61945077149ac2db3684a61db8',X'011f5d6194507aa7b6e576554f773b7d',X'0200000002a4217f63c13caa5069c5262be2f8086b635f3b9db5fe73b24ae9703fe78c8596afdc8b822a672743eb2fabd01f9f72e14524a1ad5ab5c3967f8c2d8252ae2bde8627f5a829fde0edbaff9d33c11ef316251698bb8e33b739db5d8fd2bae5981bb5bdb80b639920e3fd1c78337d5ab7e537e7c216ec0b5538',X'34095e4e75e96fe37612aa14854725ce',NULL,NULL);
INSERT INTO seed VALUES(X'011f5d6194507eb6b58a928541fe7568',X'011f5d6194507516a6384624de3e328c',X'02000000020055f2a7b81019a947b5716122a40b4cc586390cb35fc79b2acde3a56c9041704c19496947e936c7a619d29c14c88054ae9d087a4a09efe34e4154492c824a8669c5a8d954e6a7afa1fe0520a5954ad52778438f7d1c3d0262599b590849f38bf61f48bf7393078daf3c4d0f1b3967ba06d08e6556f758bf',X'34095e4e75e96fe37612aa14854725ce',NULL,NULL);
INSERT INTO seed VALUES(X'011f5d61945079f28765cb04c7174603',X'011f5d619450731d8007b5145b722e6b',X'0200000002765c242e6ccaaf3e1b5658a11dbc17368afa0cbe387313ce42998b60afedefbfb52145bc1e08521fed09b3f5909312a87753e2f77d23db8d7952b19e3261a3e44da41ea7d4310348d367850efcade6dc64210c18b5f16d283f47e46735451323b2c80e3adcde13b7ed0ccf315b6006c74425d3ea8a90eb01',X'34095e4e75e96fe37612aa14854725ce',1,X'12e9c0f69ce449d9f36f077f517652fa79f0ed69b70b42173d6f1de382892dae');
CREATE TABLE password_version (
    id blob primary key not null,
    credential blob not null references credential (id) on delete cascade,
    number integer not null,
    state text not null,
    sealed blob not null,
    created_at integer not null,
    created_by text not null
, print blob, proven_at integer, proven_change blob, confirmed_at integer, confirmed_by text);
INSERT INTO password_version VALUES(X'011f5d6194507f94b803eb1a3cc61c2f',X'011f5d61945075748e3920674d801592',1,'current',X'0200000002f8aa6aecd1eda13ea8113f229bd35e870a0905cf00e33b14e3eb2aa8fc549b4a1c6980999d92a58624f417b238fa161044136fab2b45a95605c4b7a3c61258533da049dfad70289cdab289bbf4f6e2560de745d93afa3267e09fd639e4a5e5f23ba371ca',1234222290000000,'root',X'03ed8ce4d91775f0048373b408e89b3a',NULL,NULL,NULL,NULL);
INSERT INTO password_version VALUES(X'011f5d619450796c87daff6b9fdd49c0',X'011f5d6194507660a263666ad675c809',1,'former',X'020000000274c374029db6ad30bc67c1025d5c8ab6bc6e25a55e138b24783dec4a6301094cf72a60db4117dfee5ea604a8e3a19e4c4ee15689d06925437f70a44be65750403bedb5a932e671841893fc085f09140fbf5b7639870f2a576b0374f9e8fafe295b36d6ae',1234222290000000,'root',X'03ed8ce4d91775f0048373b408e89b3a',1234308691000000,X'011f6287f4387fad8a24bf9efd89d542',NULL,NULL);
INSERT INTO password_version VALUES(X'011f5d61945071329ce523a94199d988',X'011f5d61945077149ac2db3684a61db8',1,'current',X'0200000002ae8464033a63f039c4d00f14f2179934ca00aea27151ac1b0c34d649a07a9363a85a9a0589e68f525d20139b8550f0177f0e0c11b4d6e9cf40c8e48a9d929c5dcc4a84d9badb3295c0ace536f4955b48ef1f10480ab3cfdefa9bd71dfd27527eb94d581e',1234222290000000,'root',X'03ed8ce4d91775f0048373b408e89b3a',NULL,NULL,NULL,NULL);
INSERT INTO password_version VALUES(X'011f5d61945077c0a2211520f9b9e25b',X'011f5d6194507a18ac20142eb7368a2b',1,'current',X'0200000002c4f489a2b1f868a83d8102ca42581e93360dc85087f111a876298c2b9ede385f7660349bc43f6f266e02df91c430ef8721c93d2876d12b0ef0551ad167febe6b06b1a59e95767254de8c1007b6f7365e204ab6ac147af70b84443fdce1f4c0701a059b56',1234222290000000,'root',X'03ed8ce4d91775f0048373b408e89b3a',NULL,NULL,NULL,NULL);
INSERT INTO password_version VALUES(X'011f5d61945079a08e60dacd52f9ca51',X'011f5d6194507eb6b58a928541fe7568',1,'current',X'0200000002ed1f74fd88b901929b65afdedf41e230b26fc0fe56e76788d475c4f1abfb020d9b724b8cf1625d74334f55dc19b30bddd87a53c66ce97c70fb426afc29f7beff68c32bd6199ecbb69c965912979cdc8f306ba9b9311bc5cdf08a7b46aca303cc1de51a76',1234222290000000,'root',X'03ed8ce4d91775f0048373b408e89b3a',NULL,NULL,NULL,NULL);
INSERT INTO password_version VALUES(X'011f5d6194507d0aa35774ea21c7d80f',X'011f5d61945079f28765cb04c7174603',1,'current',X'02000000021acb0ada495c949d2c07c2957503a4a07b133c1b1bbe55b5214745bf83e12dc99421f638d7fb900f98c8bfa9d71e37b75567212354b4d42f24f727d50d44e4cfdf06cf676183fe65dc796084a63d5af1f71182e88eae8849b48e68b93fb4781aa4253e86',1234222290000000,'root',X'03ed8ce4d91775f0048373b408e89b3a',NULL,NULL,NULL,NULL);
INSERT INTO password_version VALUES(X'011f6287f43875cfa7939903062d0567',X'011f5d6194507660a263666ad675c809',2,'current',X'0200000002266471cbe06493e222d7ecaadbcd893568d31a31f7c0fcc1f9ac6c56e829a10f93310d5104278ac8f946596bca2c7ca4bb964497c06ec26f6a182f80cd21e516f3acca2ea593d8d4a0c6e3658cd1208e6d404df3c7fe19ca6774daaf225329ffc12988edee8a34780cefe68c0f99cd33',1234308691000000,'change requested by root',X'44c66c9f4105cc93f06936db481208b4',1234308691000000,X'011f6287f4387fad8a24bf9efd89d542',NULL,NULL);
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
INSERT INTO step_use VALUES(X'011f5d61945075748e3920674d801592',41140743,X'011f5d619450706dabbc403b45498b70','max',0,0,1234222290000000);
INSERT INTO step_use VALUES(X'011f5d61945075748e3920674d801592',41143626,X'0102b36209887c37a2c8591592f6cf91','root',1,0,1234308791000000);
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
CREATE TABLE audit_checkpoint (
    size integer primary key,
    root blob not null,
    time integer not null,
    key text not null,
    signature text not null
);
INSERT INTO audit_checkpoint VALUES(44,X'0116820ff40e542384f1f6146d34f540d08d689d3ec1aef51d617616618db7f3',1234222290000000,'a8b84a36013c8a2a33108a80f66b1e855584182120ba8ad38b93eec94ae9101c','637a18bf0d88db6fd26f16f1a74c1ab0df5429c56db89367689b2425875693d50c6d1c842b8bedb2da87214226a10433a412c51b0a39e6e612ed6e4be723bf03');
INSERT INTO audit_checkpoint VALUES(85,X'723c89f9aba6af70d778be4e13f839405393b9973a474a7d3eee747a95b88bc6',1234308731000000,'a8b84a36013c8a2a33108a80f66b1e855584182120ba8ad38b93eec94ae9101c','b1c929993112c81d978fda44b43341bae5eea0798b1b0755b275111e50d1960f2c5a6458a7679e6883be07879d4637e5ea08501f0f8a776968f785c689c4f508');
INSERT INTO audit_checkpoint VALUES(92,X'f33c784f63b937bb9461b65ddbb7e8cf39f3a17e7f8e803d7b3de8fc04f55f7c',1234567890000000,'a8b84a36013c8a2a33108a80f66b1e855584182120ba8ad38b93eec94ae9101c','669691879445ffbda5e21e6fb91d1d1cb12988f5cb47219bcfe0769c7014af5f24372efe9da9a7b094e4d5b1e7796edaefba2b58a59cba06ba22adf06fcec309');
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
INSERT INTO change VALUES(X'011f6287f4387fad8a24bf9efd89d542',X'011f5d6194507660a263666ad675c809','change','changed',NULL,'root','person',NULL,1234308691000000,1234308691000000,1234308691000000,NULL,NULL,X'011f6287f43875cfa7939903062d0567',1234308691000000,1,0,1,NULL,X'0102b36209887c37a2c8591592f6cf91',NULL,NULL);
INSERT INTO change VALUES(X'011f6287f43879649865c2a0cd4d5c87',X'011f5d6194507a18ac20142eb7368a2b','change','failed','{"code":"site_unavailable"}','root','person',NULL,1234308691000000,1234308691000000,1234308691000000,NULL,NULL,NULL,NULL,1,0,0,NULL,X'0102b36209887c37a2c8591592f6cf91',NULL,NULL);
INSERT INTO change VALUES(X'011f6287f43876ebbadc1d8738e3b180',X'011f5d61945075748e3920674d801592','change','queued',NULL,'root','person',NULL,1234308691000000,NULL,NULL,NULL,NULL,NULL,NULL,0,0,0,NULL,X'0102b36209887c37a2c8591592f6cf91',NULL,NULL);
INSERT INTO change VALUES(X'011f6287f4387d9caea2ecf412ba0a51',X'011f5d6194507eb6b58a928541fe7568','sign_in','passed',NULL,'root','person',NULL,1234308691000000,1234308691000000,1234308691000000,NULL,NULL,NULL,NULL,1,0,0,NULL,NULL,NULL,NULL);
INSERT INTO change VALUES(X'011f6287f43876018f06df8e7b2a351b',X'011f5d6194507eb6b58a928541fe7568','sign_in','passed',NULL,'root','person',NULL,1234308691000000,1234308691000000,1234308691000000,NULL,NULL,NULL,NULL,1,0,0,NULL,NULL,NULL,NULL);
CREATE TABLE job (
    change blob primary key not null references change (id) on delete cascade,
    run_at integer not null,
    leased_by text,
    leased_until integer,
    cancelled boolean not null
, sign_in boolean not null default false);
INSERT INTO job VALUES(X'011f6287f43876ebbadc1d8738e3b180',1234308691000000,NULL,NULL,0,0);
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
INSERT INTO change_event VALUES(X'011f6287f4387fad8a24bf9efd89d542',1,1234308691000000,'queued','requested',NULL,NULL);
INSERT INTO change_event VALUES(X'011f6287f4387fad8a24bf9efd89d542',2,1234308691000000,'signing_in','started',NULL,NULL);
INSERT INTO change_event VALUES(X'011f6287f4387fad8a24bf9efd89d542',3,1234308691000000,'changing','at the form',NULL,NULL);
INSERT INTO change_event VALUES(X'011f6287f4387fad8a24bf9efd89d542',4,1234308691000000,'changing','the new password is stored; typing it now',NULL,NULL);
INSERT INTO change_event VALUES(X'011f6287f4387fad8a24bf9efd89d542',5,1234308691000000,'submitted','going on',NULL,NULL);
INSERT INTO change_event VALUES(X'011f6287f4387fad8a24bf9efd89d542',6,1234308691000000,'verifying','going on',NULL,NULL);
INSERT INTO change_event VALUES(X'011f6287f4387fad8a24bf9efd89d542',7,1234308691000000,'changed','changed and verified by a new sign-in',NULL,NULL);
INSERT INTO change_event VALUES(X'011f6287f43879649865c2a0cd4d5c87',1,1234308691000000,'queued','requested',NULL,NULL);
INSERT INTO change_event VALUES(X'011f6287f43879649865c2a0cd4d5c87',2,1234308691000000,'signing_in','started',NULL,NULL);
INSERT INTO change_event VALUES(X'011f6287f43879649865c2a0cd4d5c87',3,1234308691000000,'failed','failed: nothing was changed',NULL,NULL);
INSERT INTO change_event VALUES(X'011f6287f43876ebbadc1d8738e3b180',1,1234308691000000,'queued','requested',NULL,NULL);
INSERT INTO change_event VALUES(X'011f6287f4387d9caea2ecf412ba0a51',1,1234308691000000,'queued','requested by a session',NULL,NULL);
INSERT INTO change_event VALUES(X'011f6287f4387d9caea2ecf412ba0a51',2,1234308691000000,'signing_in','started',NULL,NULL);
INSERT INTO change_event VALUES(X'011f6287f4387d9caea2ecf412ba0a51',3,1234308691000000,'passed','signed in for a session',NULL,NULL);
INSERT INTO change_event VALUES(X'011f6287f43876018f06df8e7b2a351b',1,1234308691000000,'queued','requested by a session',NULL,NULL);
INSERT INTO change_event VALUES(X'011f6287f43876018f06df8e7b2a351b',2,1234308691000000,'signing_in','started',NULL,NULL);
INSERT INTO change_event VALUES(X'011f6287f43876018f06df8e7b2a351b',3,1234308691000000,'passed','signed in for a session',NULL,NULL);
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
INSERT INTO automation VALUES(X'011f5d6194507660a263666ad675c809','{"origins":[],"sign_in":null,"change":null,"rules":null,"trust":"do_not_trust","heartbeat":false,"changes_per_day":2,"policy":{"every_days":30,"after_reveal":false,"window":null},"session":{"idle_minutes":15,"longest_minutes":120,"reason":false},"extra_fields":[]}',1236698152313802,'schedule',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,X'a2a01e25fbc6df4c7274080f415e0b910dfc888039f3ae0b412adb82e944ddfa',NULL,NULL,NULL);
INSERT INTO automation VALUES(X'011f5d6194507a18ac20142eb7368a2b','{"origins":[],"sign_in":null,"change":null,"rules":null,"trust":"do_not_trust","heartbeat":false,"changes_per_day":2,"policy":{"every_days":null,"after_reveal":false,"window":null},"session":{"idle_minutes":15,"longest_minutes":120,"reason":false},"extra_fields":[]}',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,X'd8534d0672f0f6967080d149d3832b1e45a026cd82870692952747610fa57fbf',NULL,'{"sign_in":"https://example.org/login"}',X'195d6de6604e5f499f285f7e24f250f590d158030cd0518acdc15d32710fc1c3');
INSERT INTO automation VALUES(X'011f5d6194507eb6b58a928541fe7568','{"origins":[],"sign_in":null,"change":null,"rules":null,"trust":"do_not_trust","heartbeat":false,"changes_per_day":2,"policy":{"every_days":null,"after_reveal":false,"window":null},"session":{"idle_minutes":15,"longest_minutes":120,"reason":false},"extra_fields":[]}',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,X'011f6287f4387fe6ac77773d8af2fc79',X'0200000002d1d30c76eb9d296610722b0511ead113902d6b7c6ac1b9cc6e8b1478d9adf425909b5fee5049c03feae7904a9a59b7d2b11caef6e95ef7286fdbca5bad9bc276e1696aedf672e432a78280606c80d5bedb4b0ced28e5434ca456c5711c0d60','this browser',X'5f888a52c01eddea0f04b2f69efa3def0df005877f1cc61743e7a9fcd98841f0',NULL,NULL,NULL);
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
INSERT INTO session VALUES(X'011f6287f438756f88e9a6244951fa18',X'011f5d6194507eb6b58a928541fe7568','Studio',X'011f6287f4387d9caea2ecf412ba0a51',1,'ended','person',NULL,X'0102b36209887c37a2c8591592f6cf91','root',NULL,1234308691000000,1234308691000000,1234308691000000,1234308691000000,'node-1',900,7200,1999,20,NULL,NULL);
INSERT INTO session VALUES(X'011f6287f4387f19a102d67c72c7e967',X'011f5d6194507eb6b58a928541fe7568','Studio',X'011f6287f43876018f06df8e7b2a351b',1,'live',NULL,NULL,X'0102b36209887c37a2c8591592f6cf91','root',NULL,1234308691000000,1234308691000000,NULL,1234308691000000,'node-1',900,7200,0,0,NULL,NULL);
CREATE TABLE session_link (
    token blob primary key not null,
    session blob not null references session (id) on delete cascade,
    person blob not null references person (id) on delete cascade,
    level text not null,
    expires_at integer not null,
    used_at integer
, mark blob);
INSERT INTO session_link VALUES(X'9301d81437220040cdd56641f5cf2ebe26e95d36af3ff2e48066363f164fb056',X'011f6287f4387f19a102d67c72c7e967',X'011f5d619450785596ab482bc6df3a03','view',1234395091000000,NULL,X'91c733d79b19912335284cf02363a166f27a46de3cf0a133804d143162fe5e88');
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
INSERT INTO session_part VALUES(X'011f6287f438756f88e9a6244951fa18',0,0,1999,1,4,1,20,2);
CREATE TABLE recovery_code (
    person blob not null references person (id) on delete cascade,
    code blob not null,
    primary key (person, code)
);
INSERT INTO recovery_code VALUES(X'011f5d6194507862940e9cdd22531ad1',X'1d3c85246ff74125837e996d68ac3a2e9bf0ee1d0c9935e1c143e1e4638d7be9');
INSERT INTO recovery_code VALUES(X'011f5d6194507862940e9cdd22531ad1',X'd179dbb4226a163d07b31235251e375ade7b119b1052cd1917d6dbfdfb51ccf4');
INSERT INTO recovery_code VALUES(X'011f5d6194507862940e9cdd22531ad1',X'eed5b52aea43c43282f883e577036add2c666275a9672a9947bcd8d1bce40e50');
INSERT INTO recovery_code VALUES(X'011f5d6194507862940e9cdd22531ad1',X'a44637dec2d324359cb232adc2f7a3cdbbc47d4acb45b62bf4f4d23a929315bd');
INSERT INTO recovery_code VALUES(X'011f5d6194507862940e9cdd22531ad1',X'34c78fbe458b774ceae2fbd002f6eafd82ba35fc2bbccee02b7bf9ae9a91a479');
INSERT INTO recovery_code VALUES(X'011f5d6194507862940e9cdd22531ad1',X'737d2a01a2807416e294b5717b2673d4bb026786aec257ba9786f38fbbe6e7af');
INSERT INTO recovery_code VALUES(X'011f5d6194507862940e9cdd22531ad1',X'2784d45ce7f6f78b1dd2f5dc3a2203355dc953e926fa39665a9d383e0796edfa');
INSERT INTO recovery_code VALUES(X'011f5d6194507862940e9cdd22531ad1',X'a63abd88cce18617a42bcc9503229141e00ced2b93cbdba1e967b22c3cdf068c');
INSERT INTO recovery_code VALUES(X'011f5d6194507862940e9cdd22531ad1',X'0654d708a9e1248476174614be48fefcfab92fbc436a0758314791c4a7cd6c6b');
INSERT INTO recovery_code VALUES(X'011f5d6194507862940e9cdd22531ad1',X'6295483de8711593c49f234c17432aabd3ce4ebe6f05c03151ddc2d0eeb10d83');
INSERT INTO recovery_code VALUES(X'011f5d6194507ebda8a8ebdfb844b2b2',X'c66724d613c44c26082de92543ce5e41eecf7a13e107eeea272432d9e14ec7dd');
INSERT INTO recovery_code VALUES(X'011f5d6194507ebda8a8ebdfb844b2b2',X'cff3a247dfba9e44fbb65fe4b6f808297dc341dc1d1fae885f7be0ab2811238a');
INSERT INTO recovery_code VALUES(X'011f5d6194507ebda8a8ebdfb844b2b2',X'6cb828931b19d7c994cca3a9d9d398bf100980ce81af93c961e000c3f30a128c');
INSERT INTO recovery_code VALUES(X'011f5d6194507ebda8a8ebdfb844b2b2',X'39a1957c2cc0407094f4ef51c5faef0662e228688f5abccfec04cd278dd070fe');
INSERT INTO recovery_code VALUES(X'011f5d6194507ebda8a8ebdfb844b2b2',X'936718582c1849e2559d54a46d7bfc708467b81d73732fd23d32890d408b06f4');
INSERT INTO recovery_code VALUES(X'011f5d6194507ebda8a8ebdfb844b2b2',X'd1feb740c2a8e69740d8ce658163c97cebeb1eca0353bbf6fa30b679acc13e32');
INSERT INTO recovery_code VALUES(X'011f5d6194507ebda8a8ebdfb844b2b2',X'ee61810a9e69bd619f8d44b266b267be191203e132b7b717f865139fb9b1fed0');
INSERT INTO recovery_code VALUES(X'011f5d6194507ebda8a8ebdfb844b2b2',X'd91aba430c377234afceb2c6a5bafba2b9e407d409a5eb8bf12283d871604ebd');
INSERT INTO recovery_code VALUES(X'011f5d6194507ebda8a8ebdfb844b2b2',X'3788b19610998a207b01c5cc596148f4fe93f89472666f46d953621a7e28ac40');
INSERT INTO recovery_code VALUES(X'011f5d6194507ebda8a8ebdfb844b2b2',X'ec898cc7cd3f1cd383ef421bbace04f53d108d2267a44fdfefff26b489638b7a');
CREATE TABLE notice_settings (
    one integer primary key check (one = 1),
    settings text not null,
    version blob not null,
    sealed blob not null
);
INSERT INTO notice_settings VALUES(1,'{"address":null,"smtp":null,"sender":null,"recipients":[],"tell_asker":false,"webhook":"https://hook.example.com"}',X'011f5d6194507101bc8143a6bca724ca',X'0200000002a5d76991f5d7008099aaeac1f1b0e45df43319271a601c0ab01493969aa25b8045a1fa1d7549fb45c094e8e249e2d1bf6c15f743eff7102087282579b47ffd8220e055cf947af4fedadf53d407c7276f98e7015e1d88a64cf78cd7ffac6073e2a67ded89b74ab71d68231316be7f9571f32bba66ac96f21f9800e884b7225f0d4115bf83f2c58635ce5eb95c84e9f36266ecedcf8e4c6aec66828bbc3669f59574f4bd3f85933a052ce8abf07c');
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
INSERT INTO notice VALUES(X'011f5d619450739ebb5977112858ab3e',NULL,'Shop','access_requested',NULL,NULL,'webhook','',1234222290000000,1234222290000000,NULL,NULL,0,NULL,NULL,NULL,X'011f5d6194507f40a0c32b0cbbdc44bb','max');
INSERT INTO notice VALUES(X'011f5d6194507da9950cc06598efa50d',NULL,'Shop','access_approved',NULL,NULL,'webhook','',1234222290000000,1234222290000000,NULL,NULL,0,NULL,NULL,NULL,X'011f5d6194507f40a0c32b0cbbdc44bb','ben');
INSERT INTO notice VALUES(X'011f6287f4387dd78a522a1200985521',X'011f6287f4387fad8a24bf9efd89d542','Bakery','changed','change',NULL,'webhook','',1234308691000000,1234308691000000,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL);
INSERT INTO notice VALUES(X'011f6287f4387d91a9d4f5c27651c54b',X'011f6287f43879649865c2a0cd4d5c87','Café','failed','change','site_unavailable','webhook','',1234308691000000,1234308691000000,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE sign_in_count (
    scope text not null,
    key blob not null,
    failures integer not null,
    locked_until integer,
    last_at integer not null,
    primary key (scope, key)
);
INSERT INTO sign_in_count VALUES('name',X'a540124fe93cf8dbea917eec6611f1f0',1,NULL,1234308731000000);
CREATE TABLE known_browser (
    token blob not null,
    person blob not null references person (id) on delete cascade,
    created_at integer not null,
    last_used_at integer not null,
    primary key (token, person)
);
INSERT INTO known_browser VALUES(X'd15ea4f0a89e3f75625dfe436984656aca8cabdd9e1b91bfb15e47a4ffe93b1a',X'011f5d6194507ebda8a8ebdfb844b2b2',1234222290000000,1234222290000000);
INSERT INTO known_browser VALUES(X'c3f259dd4ac5ef442531673f92bb4e43710959b6c9d5f94fa6ca05be1d02a0d5',X'011f5d619450785596ab482bc6df3a03',1234222290000000,1234222290000000);
INSERT INTO known_browser VALUES(X'2ae1b0597204581ba25cc3b1fae6248688e37c5a6442c1ec6bef1f50749d2e7e',X'011f5d619450706dabbc403b45498b70',1234222290000000,1234222290000000);
INSERT INTO known_browser VALUES(X'8d1e91af96ad2d518e89f49e8a9966f3468ec75c5790457da0ada8356700c426',X'011f5d6194507862940e9cdd22531ad1',1234222290000000,1234222290000000);
INSERT INTO known_browser VALUES(X'f86393f5502ffd5d05f2affa41a0676107c11964887628723d2c4a3d9e88d788',X'011f5d6194507862940e9cdd22531ad1',1234222290000000,1234222290000000);
INSERT INTO known_browser VALUES(X'3a73596fd749cad6aefbbe9ea4154f0228b3ed5a844403dee3ef5fecc9eaef9a',X'011f6287f4387a1483b1fed557784667',1234308691000000,1234308691000000);
INSERT INTO known_browser VALUES(X'0100a7733835e2439733a9089b7693ea31c7c04d72ad2525a67216419e886587',X'011f6287f4387f8983ce21f8ff019b50',1234308691000000,1234308691000000);
INSERT INTO known_browser VALUES(X'a2769c1c8008a76df2b5750454396ce2bf3a64af207f38660a1c9b326bae52eb',X'011f5d619450785596ab482bc6df3a03',1234308731000000,1234308731000000);
INSERT INTO known_browser VALUES(X'e711df43dad0d2bd48b71dd3516804081b43e74c7e5c88952224f56d65f85bd4',X'011f5d619450706dabbc403b45498b70',1234308731000000,1234308731000000);
CREATE TABLE playback (
    session blob not null references session (id) on delete cascade,
    bearer blob not null,
    expires_at integer not null,
    mark blob not null,
    primary key (session, bearer)
);
INSERT INTO playback VALUES(X'011f6287f438756f88e9a6244951fa18',X'011f6287f43873b4b1e1c09477cced56',1234309291000000,X'4096f26d7c9653d24a97bd1b18324d5430e56239dc7f17f35903c3fee5e02e62');
CREATE TABLE person_link (
    person blob primary key not null references person (id) on delete cascade,
    token blob not null,
    expires_at integer not null,
    mark blob not null
);
INSERT INTO person_link VALUES(X'011f5d6194507f03aaaddcf6058eef99',X'3968cb2ae457737b38d436fd98b13736a53f20ae5da62737ae1f82ac2f9c6e8e',1234481490000000,X'0e5e8c0ff08eefbe0cc02b2060b390d56506025f07ba3279bcb7d65e8e0ad69e');
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
INSERT INTO vault_key VALUES(2,'d74542c8b26b8293',1234308691000000,1234308691000000,NULL,NULL,NULL,NULL);
CREATE TABLE audit_block (
    last integer primary key,
    first integer not null,
    root blob not null,
    entries blob not null
);
INSERT INTO audit_block VALUES(1,1,X'0f6b15b686d77858a921336b32b17532c3427b170f575d1ec28362c4687a0bf3',X'010180eda9ef96a3f90300000673797374656d00000b636f756e7465727369676e000d7661756c742e63726561746564010000057661756c74010102b362098875baaf0999ba160d0bc7040001000b756e6c6f636b65645f62790200086b65792066696c65');
INSERT INTO audit_block VALUES(2,2,X'd2062e13b07c9b96200d04b01a89082621d93172a7ec32fffc3d9d6887c44a32',X'010180eda9ef96a3f90300000673797374656d00000b636f756e7465727369676e000c757365722e637265617465640100000475736572010102b36209887c37a2c8591592f6cf910004726f6f7400010004726f6c6502000d61646d696e6973747261746f72');
INSERT INTO audit_block VALUES(3,3,X'1affcfa9731c325376cac789283b6ca5237218412058dc42d12b44729f2ac7b6',X'010180e2dad298a1b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f74000c757365722e63726561746564010000047573657201011f5d6194507ebda8a8ebdfb844b2b200036d696100010004726f6c650200076d616e61676572');
INSERT INTO audit_block VALUES(4,4,X'3f0ebb1f9e756a3587a10487aef38ac912ddf9fe3c75058e462e478422e47684',X'010180e2dad298a1b1040000047573657201011f5d6194507ebda8a8ebdfb844b2b200036d6961000e757365722e7369676e65645f696e0100000b7765625f73657373696f6e01011f5d61945075f78465b067bb2379680004746573740001000d7365636f6e645f666163746f720000');
INSERT INTO audit_block VALUES(5,5,X'f2f132c45db9370a44a25771617588d0c8a0081d42ce581b9a422a344cb779f3',X'010180e2dad298a1b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f74000c757365722e63726561746564010000047573657201011f5d619450785596ab482bc6df3a03000362656e00010004726f6c650200066d656d626572');
INSERT INTO audit_block VALUES(6,6,X'62d67ebfbdbfafe9e4c16f93a47fa3bc4b7f5dd051cad1e3cbf8feb66d93e1fb',X'010180e2dad298a1b1040000047573657201011f5d619450785596ab482bc6df3a03000362656e000e757365722e7369676e65645f696e0100000b7765625f73657373696f6e01011f5d61945075d9a198400df940c49e0004746573740001000d7365636f6e645f666163746f720000');
INSERT INTO audit_block VALUES(7,7,X'2f9e9230cccb055c6ca9598bfb902a270b1d47186c8d8a20bb5e49486a69e2fc',X'010180e2dad298a1b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f74000c757365722e63726561746564010000047573657201011f5d619450706dabbc403b45498b7000036d617800010004726f6c650200066d656d626572');
INSERT INTO audit_block VALUES(8,8,X'13b02f63c0c367c9aed899929efa0e468d05b27596d6b8b39506ef717f2fc1de',X'010180e2dad298a1b1040000047573657201011f5d619450706dabbc403b45498b7000036d6178000e757365722e7369676e65645f696e0100000b7765625f73657373696f6e01011f5d619450756ea8c7f78a6be1f1f70004746573740001000d7365636f6e645f666163746f720000');
INSERT INTO audit_block VALUES(9,9,X'023cd15c67a0d220d00a0687f704a5a301d18471f875a12514f1de85619f1d70',X'010180e2dad298a1b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f74000c757365722e63726561746564010000047573657201011f5d6194507862940e9cdd22531ad1000361646100010004726f6c6502000761756469746f72');
INSERT INTO audit_block VALUES(10,10,X'37ece30ede55da741386163ec311e51b4c21a9a62792768d1ca4325070ad2f17',X'010180e2dad298a1b1040000047573657201011f5d6194507862940e9cdd22531ad10003616461000e757365722e7369676e65645f696e0100000b7765625f73657373696f6e01011f5d6194507dacbc2973d07c0f76fd0004746573740001000d7365636f6e645f666163746f720000');
INSERT INTO audit_block VALUES(11,11,X'327542a539663832f902cb2f1bb41ef16127c87f7da0d7c9adf22b816457155a',X'010180e2dad298a1b1040000047573657201011f5d6194507862940e9cdd22531ad10003616461000e757365722e7369676e65645f696e0100000b7765625f73657373696f6e01011f5d619450738e862b03a44631643e0004746573740001000d7365636f6e645f666163746f720000');
INSERT INTO audit_block VALUES(13,12,X'b1dcc4465ccf216732309fad9a43078bdb4b4e1d25aa206e150272a4dface733',X'010280e2dad298a1b1040000047573657201011f5d6194507862940e9cdd22531ad10003616461000d706173736b65792e616464656401000007706173736b657901011f5d6194507f1690501c9dc99f424e000550686f6e65000000010018757365722e7265636f766572795f636f6465735f6d61646501010000');
INSERT INTO audit_block VALUES(14,14,X'18f7c9a65b85370b257de0e16b661ac236b27ff9eb9319f56c9681bbf449d3b8',X'010180e2dad298a1b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f74001263726564656e7469616c2e637265617465640100000a63726564656e7469616c01011f5d61945075748e3920674d801592000453686f700002000870617373776f72640001000d7365636f6e645f666163746f720001');
INSERT INTO audit_block VALUES(15,15,X'0311f6effaa42724e61debea6bdfb1c53ce15b82fdba814d4ce05709b4708444',X'010180e2dad298a1b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f74001263726564656e7469616c2e637265617465640100000a63726564656e7469616c01011f5d6194507660a263666ad675c809000642616b6572790002000870617373776f72640001000d7365636f6e645f666163746f720001');
INSERT INTO audit_block VALUES(16,16,X'19ed9446c9c4981e63bebf58e904e727068579ecb9d4e056d90f2fa939d55ad5',X'010180e2dad298a1b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f74001263726564656e7469616c2e637265617465640100000a63726564656e7469616c01011f5d61945077149ac2db3684a61db8000442616e6b0002000870617373776f72640001000d7365636f6e645f666163746f720001');
INSERT INTO audit_block VALUES(17,17,X'c6a1b7cacf97c4920d6f1e708a6a6af0b0c9552efb62b5fbac6e6a89c6644860',X'010180e2dad298a1b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f74001263726564656e7469616c2e637265617465640100000a63726564656e7469616c01011f5d6194507a18ac20142eb7368a2b0005436166c3a90002000870617373776f72640001000d7365636f6e645f666163746f720000');
INSERT INTO audit_block VALUES(18,18,X'4b759aa428be1d1cf2f6421b6ee47b44eec9cdde3cc9c9f8210744caefb5e4d4',X'010180e2dad298a1b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f74001263726564656e7469616c2e637265617465640100000a63726564656e7469616c01011f5d6194507eb6b58a928541fe7568000653747564696f0002000870617373776f72640001000d7365636f6e645f666163746f720001');
INSERT INTO audit_block VALUES(19,19,X'529c9c0d48debb56c8de6b1e22d694ad2514f50d983f6f6cf47232c425425e89',X'010180e2dad298a1b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f74001263726564656e7469616c2e637265617465640100000a63726564656e7469616c01011f5d61945079f28765cb04c71746030007436f756e7465720002000870617373776f72640001000d7365636f6e645f666163746f720001');
INSERT INTO audit_block VALUES(20,20,X'a2520838293bc91be17347ed4ddbc14eba813071b15f3cc16cf6ef7b44b6c59f',X'010180e2dad298a1b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f74000a746f6b656e2e726561640100000a63726564656e7469616c01011f5d61945079f28765cb04c71746030007436f756e74657200010007636f756e7465720100');
INSERT INTO audit_block VALUES(21,21,X'1ae2ee65ec6d60508ef1814c12e16cf78adadd0cbe0a8b7a17defacf5ebc93d6',X'010180e2dad298a1b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f74001263726564656e7469616c2e637265617465640100000a63726564656e7469616c01011f5d61945071858931b51adc0303bb0004476f6e650002000870617373776f72640001000d7365636f6e645f666163746f720001');
INSERT INTO audit_block VALUES(22,22,X'829e7b8d50d5e96f2ac87cb98af442aeaed0ad0357d9604566ad248e3ec3fe31',X'010180e2dad298a1b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f74001263726564656e7469616c2e72656d6f7665640100000a63726564656e7469616c01011f5d61945071858931b51adc0303bb0004476f6e650000');
INSERT INTO audit_block VALUES(23,23,X'4a989ba14d51afaad4f4f832456cf4f051132618888e5931656dd61ce9830739',X'010180e2dad298a1b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f74000d67726f75702e637265617465640100000567726f757001011f5d619450710ba8c95819ad45f62b00056c656164730000');
INSERT INTO audit_block VALUES(24,24,X'3c006d6bc33daea2ebe7c42b6a922e9af923d6eb2e3753718724172a4df84881',X'010180e2dad298a1b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f74001267726f75702e6d656d6265725f61646465640100000567726f757001011f5d619450710ba8c95819ad45f62b00056c65616473000100047573657202000362656e');
INSERT INTO audit_block VALUES(25,25,X'72ae4d3e4bc7516ee6754a979a37ffeef78eec474c0456fcbb111d2251ee16e8',X'010180e2dad298a1b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f74001267726f75702e6d656d6265725f61646465640100000567726f757001011f5d619450710ba8c95819ad45f62b00056c6561647300010004757365720200036d6961');
INSERT INTO audit_block VALUES(26,26,X'56bebc693b47bee2d9607077acb02a06a665db24460899d0ae17acbc24c60421',X'010180e2dad298a1b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f74000d67726f75702e637265617465640100000567726f757001011f5d619450702ead1d6aa8e45b83f4000573746166660000');
INSERT INTO audit_block VALUES(27,27,X'b6cdf5dcb12667d887594b06eac49127e93c9b88619432fbb392bd80c0b99709',X'010180e2dad298a1b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f74001267726f75702e6d656d6265725f61646465640100000567726f757001011f5d619450702ead1d6aa8e45b83f4000573746166660001040200056c65616473');
INSERT INTO audit_block VALUES(28,28,X'29b8aeeafb8a19189dfe2345912165b700eceebb2ff96fc4e3533f007fce0fd7',X'010180e2dad298a1b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f74001267726f75702e6d656d6265725f61646465640100000567726f757001011f5d619450702ead1d6aa8e45b83f40005737461666600010004757365720200036d6178');
INSERT INTO audit_block VALUES(29,29,X'a2a5aca22d08ccae862484277f40876fa895c8045353b7260611553480b2a7fc',X'010180e2dad298a1b1040000047573657201011f5d6194507ebda8a8ebdfb844b2b200036d69610016757365722e7365636f6e645f666163746f725f73657401010000');
INSERT INTO audit_block VALUES(30,30,X'9a78462f6b48f29d91407192cdb3b32438f81bf649fe3c85a728d15f0a91fe57',X'010180e2dad298a1b1040000047573657201011f5d619450706dabbc403b45498b7000036d6178000b757365722e656469746564010100010005656d61696c0001');
INSERT INTO audit_block VALUES(32,31,X'b7cd56efd999910100661d314f8e1c591ecfd5b7cdde3ce0e2e4768e8ae0d88e',X'010280e2dad298a1b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f74000c757365722e63726561746564010000047573657201011f5d6194507f03aaaddcf6058eef99000365766100010004726f6c650200066d656d62657200010015757365722e7365745f75705f6c696e6b5f6d61646501020001000a657870697265735f6174020018323030392d30322d31325432333a33313a33302e3030305a');
INSERT INTO audit_block VALUES(33,33,X'62165d46c327be01baec6a8bd1381226b9d5216c9a0c0baeef799d0a3cc34356',X'010180e2dad298a1b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f74000e6e6f74696365732e656469746564010000057661756c74010102b362098875baaf0999ba160d0bc700076e6f7469636573000300046d61696c0000000a726563697069656e747301000007776562686f6f6b0001');
INSERT INTO audit_block VALUES(34,34,X'21d8fdcb136b013eb498dd55dc74247fe2fd1ffeeb632e114b81fe452f19ad24',X'010180e2dad298a1b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f74000c73696e6b2e637265617465640100000473696e6b01011f5d6194507a83955c3917abea1c4000045349454d00070007616374696f6e730301000a746f6b656e2e7265616400076164647265737302001968747470733a2f2f686f6f6b732e6578616d706c652e636f6d000466726f6d010200046b696e64020007776562686f6f6b000d6f776e5f617574686f726974790000000670617573656400000005706c61696e0000');
INSERT INTO audit_block VALUES(35,35,X'fb1f1f35ea578736acb2f496ed90e3d48d8cdfa682a2e2c414118d9ad918507b',X'010180e2dad298a1b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f74000d6772616e742e63726561746564010000056772616e7401011f5d61945074babe62bbc1441f91b2002c6c65616473206f6e20746167206261636b206f66666963653a207365652c20746f6b656e2c2072657665616c0003000567726f75700200056c656164730002696402002430313166356436312d393435302d373462612d626536322d626263313434316639316232000b7065726d697373696f6e73030300037365650005746f6b656e000672657665616c');
INSERT INTO audit_block VALUES(36,36,X'36b3e7975cc1268bdd3beca9d71910322788b06ef628569dab377de4d0947d69',X'010180e2dad298a1b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f74000d6772616e742e637265617465640100000a63726564656e7469616c01011f5d61945075748e3920674d801592000453686f700004000a636f6e646974696f6e7302007c7b22617070726f76616c223a7b226c6576656c73223a5b7b2267726f7570223a2230313166356436312d393435302d373130622d613863392d353831396164343566363262222c22617070726f76616c73223a317d5d2c226d696e75746573223a36302c22656d657267656e63795f6d696e75746573223a31357d7d0002696402002430313166356436312d393435302d376631612d396331392d663762356132366664623662000b7065726d697373696f6e73030300037365650005746f6b656e000672657665616c0004757365720200036d6178');
INSERT INTO audit_block VALUES(37,37,X'f6e6f594aebe4b33e871ff132e26a29e119a4524d8df7f7df505d303c78d7794',X'010180e2dad298a1b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f74000d6772616e742e637265617465640100000a63726564656e7469616c01011f5d61945077149ac2db3684a61db8000442616e6b0004000a636f6e646974696f6e730200317b22636865636b5f6f7574223a7b226d696e75746573223a36302c226368616e67655f6166746572223a66616c73657d7d0002696402002430313166356436312d393435302d376265312d383834352d306536643262623336353939000b7065726d697373696f6e73030300037365650005746f6b656e000672657665616c0004757365720200036d6178');
INSERT INTO audit_block VALUES(38,38,X'2386e59c9895c29d7dd98268d64ee5bbfc150c4f5f77a653110664deb9d9dbbf',X'010180e2dad298a1b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f74000e6772616e742e7265766965776564010000056772616e7401011f5d61945074babe62bbc1441f91b2002c6c65616473206f6e20746167206261636b206f66666963653a207365652c20746f6b656e2c2072657665616c0005000a646563696465645f6174020018323030392d30322d30395432333a33313a33302e3030305a000a646563696465645f62790202000567726f75700200056c656164730002696402002430313166356436312d393435302d373462612d626536322d626263313434316639316232000b7065726d697373696f6e73030300037365650005746f6b656e000672657665616c');
INSERT INTO audit_block VALUES(39,39,X'6bf03681786d558569276d63956ec6776b3cf44c69e87a41e4caebf7c43a1dd9',X'010180e2dad298a1b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f7400116772616e742e726576696577735f736574010000057661756c74010102b362098875baaf0999ba160d0bc7001172657669657773206f66206772616e7473000200046461797301780006666f726d657201b401');
INSERT INTO audit_block VALUES(40,40,X'23c70685572fd7b9fc8ecdb39dbc7d7f9d4235b4e7f9b819725cf5b5595378df',X'010180e2dad298a1b1040000047573657201011f5d619450706dabbc403b45498b7000036d617800106163636573732e7265717565737465640100000a63726564656e7469616c01011f5d61945075748e3920674d801592000453686f7001000561206669780400056772616e7402002430313166356436312d393435302d376631612d396331392d66376235613236666462366200076d696e75746573013c000b7065726d697373696f6e73030300037365650005746f6b656e000672657665616c00077265717565737402002430313166356436312d393435302d376634302d613063332d326230636262646334346262');
INSERT INTO audit_block VALUES(41,41,X'ee0eb3dfd7c181089fcd5db4c133d3e93a15c3871234483f3d87b2a347b83f69',X'010180e2dad298a1b1040000047573657201011f5d619450785596ab482bc6df3a03000362656e000f6163636573732e617070726f7665640100000a63726564656e7469616c01011f5d61945075748e3920674d801592000453686f700005000466726f6d020018323030392d30322d30395432333a33313a33302e3030305a00056772616e7402002430313166356436312d393435302d376631612d396331392d663762356132366664623662000b7065726d697373696f6e73030300037365650005746f6b656e000672657665616c00077265717565737402002430313166356436312d393435302d376634302d613063332d3262306362626463343462620005756e74696c020018323030392d30322d31305430303a30313a33302e3030305a');
INSERT INTO audit_block VALUES(42,42,X'00a5d68ab96d12678f8e2b7ae5c8b91437f437df18731e5eea72d2f88ca3fd3a',X'010180e2dad298a1b1040000047573657201011f5d619450706dabbc403b45498b7000036d6178000a746f6b656e2e726561640100000a63726564656e7469616c01011f5d61945075748e3920674d801592000453686f70000300056772616e7402002430313166356436312d393435302d376631612d396331392d66376235613236666462366200077265717565737402002430313166356436312d393435302d376634302d613063332d326230636262646334346262000473746570018e889e27');
INSERT INTO audit_block VALUES(43,43,X'd20702d386369276c9b4c7b814f56ece776319061b8115c8dca94336f2c784fe',X'010180e2dad298a1b1040000047573657201011f5d619450706dabbc403b45498b7000036d6178000f636865636b5f6f75742e626567756e0100000a63726564656e7469616c01011f5d61945077149ac2db3684a61db8000442616e6b000200056772616e7402002430313166356436312d393435302d376265312d383834352d3065366432626233363539390005756e74696c020018323030392d30322d31305430303a30313a33302e3030305a');
INSERT INTO audit_block VALUES(44,44,X'0116820ff40e542384f1f6146d34f540d08d689d3ec1aef51d617616618db7f3',X'010180e2dad298a1b1040000047573657201011f5d619450706dabbc403b45498b7000036d6178001170617373776f72642e72657665616c65640100000a63726564656e7469616c01011f5d61945077149ac2db3684a61db8000442616e6b000200056772616e7402002430313166356436312d393435302d376265312d383834352d306536643262623336353939000776657273696f6e0102');
INSERT INTO audit_block VALUES(45,45,X'e2e0a5f27ff21d9f0d06ed7d370b23d1fec17a33934573377d85007f9b6a5bc9',X'010180eb8fb19ca6b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f7400106368616e67652e7265717565737465640100000a63726564656e7469616c01011f5d6194507660a263666ad675c809000642616b657279000200066368616e676502002430313166363238372d663433382d376661642d386132342d62663965666438396435343200046b696e640206');
INSERT INTO audit_block VALUES(46,46,X'a8fb1a7c1c1ea99e218b302645abc42509ba2833aeeffbfce9317ad8c3449426',X'010180eb8fb19ca6b10400000673797374656d00000b636f756e7465727369676e000e6368616e67652e737461727465640100000a63726564656e7469616c01011f5d6194507660a263666ad675c809000642616b6572790003000861736b65645f6279020004726f6f740007617474656d7074010200066368616e676502002430313166363238372d663433382d376661642d386132342d626639656664383964353432');
INSERT INTO audit_block VALUES(47,47,X'ad407cbbb76990a52eac8664980bce9206b53daa61021aa4e5ed641ad51f8ce0',X'010180eb8fb19ca6b10400000673797374656d00000b636f756e7465727369676e00146368616e67652e70617373776f72645f757365640100000a63726564656e7469616c01011f5d6194507660a263666ad675c809000642616b6572790003000861736b65645f6279020004726f6f7400066368616e676502002430313166363238372d663433382d376661642d386132342d626639656664383964353432000776657273696f6e0102');
INSERT INTO audit_block VALUES(48,48,X'2500fd6515c87636f61c80cf5961e5ac1d2dbb26c25c5fa1ca04461f3935a6fe',X'010180eb8fb19ca6b10400000673797374656d00000b636f756e7465727369676e00176368616e67652e63616e6469646174655f73746f7265640100000a63726564656e7469616c01011f5d6194507660a263666ad675c809000642616b6572790003000861736b65645f6279020004726f6f7400066368616e676502002430313166363238372d663433382d376661642d386132342d626639656664383964353432000776657273696f6e0104');
INSERT INTO audit_block VALUES(49,49,X'076b83fccaf4d33eacb8e1910b767f944ad7341a13d35272287f93b75dd06e67',X'010180eb8fb19ca6b10400000673797374656d00000b636f756e7465727369676e00146368616e67652e70617373776f72645f757365640100000a63726564656e7469616c01011f5d6194507660a263666ad675c809000642616b6572790003000861736b65645f6279020004726f6f7400066368616e676502002430313166363238372d663433382d376661642d386132342d626639656664383964353432000776657273696f6e0104');
INSERT INTO audit_block VALUES(50,50,X'82a318b56a181b16de7de880f8e8a73c1076aec63d0fd0b35b0134482eef6910',X'010180eb8fb19ca6b10400000673797374656d00000b636f756e7465727369676e000e6368616e67652e6368616e6765640100000a63726564656e7469616c01011f5d6194507660a263666ad675c809000642616b6572790002000861736b65645f6279020004726f6f7400066368616e676502002430313166363238372d663433382d376661642d386132342d626639656664383964353432');
INSERT INTO audit_block VALUES(51,51,X'1a8bb90748a6701bb3e22a30f49f3f0b81ced2c6f888b9ecc3b675d3a2462810',X'010180eb8fb19ca6b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f7400116175746f6d6174696f6e2e6564697465640100000a63726564656e7469616c01011f5d6194507660a263666ad675c809000642616b6572790002000d666f726d65725f706f6c6963790200367b2265766572795f64617973223a6e756c6c2c2261667465725f72657665616c223a66616c73652c2277696e646f77223a6e756c6c7d0006706f6c6963790200347b2265766572795f64617973223a33302c2261667465725f72657665616c223a66616c73652c2277696e646f77223a6e756c6c7d');
INSERT INTO audit_block VALUES(52,52,X'57fc0bf1b87b9d8a81919026477f353003b365e16a29a77339ba708bcf87d492',X'010180eb8fb19ca6b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f7400106368616e67652e7265717565737465640100000a63726564656e7469616c01011f5d6194507a18ac20142eb7368a2b0005436166c3a9000200066368616e676502002430313166363238372d663433382d373936342d393836352d63326130636434643563383700046b696e640206');
INSERT INTO audit_block VALUES(53,53,X'2cb24af2cfedb2e21ffef6b7aaec95b88e98ec0e462c149a2f3223e3db16aeab',X'010180eb8fb19ca6b10400000673797374656d00000b636f756e7465727369676e000e6368616e67652e737461727465640100000a63726564656e7469616c01011f5d6194507a18ac20142eb7368a2b0005436166c3a90003000861736b65645f6279020004726f6f740007617474656d7074010200066368616e676502002430313166363238372d663433382d373936342d393836352d633261306364346435633837');
INSERT INTO audit_block VALUES(54,54,X'529655eaa092d4f89754f99a25e79afa83f247ee813c494043d3f427d9cf58a8',X'010180eb8fb19ca6b10400000673797374656d00000b636f756e7465727369676e000d6368616e67652e6661696c65640100000a63726564656e7469616c01011f5d6194507a18ac20142eb7368a2b0005436166c3a90003000861736b65645f6279020004726f6f7400066368616e676502002430313166363238372d663433382d373936342d393836352d6332613063643464356338370006726561736f6e020010736974655f756e617661696c61626c65');
INSERT INTO audit_block VALUES(55,55,X'486ffae916d3619ffa9a63eeabbd47ebd10b0af3eff19f015f5e5358889c0191',X'010180eb8fb19ca6b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f7400106368616e67652e7265717565737465640100000a63726564656e7469616c01011f5d61945075748e3920674d801592000453686f70000200066368616e676502002430313166363238372d663433382d373665622d626164632d31643837333865336231383000046b696e640206');
INSERT INTO audit_block VALUES(56,56,X'351e643f91f396cf80eeb3b64be4508133a4634dab1edd284b36933e521de7cb',X'010180eb8fb19ca6b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f74000f73657373696f6e2e737461727465640100000a63726564656e7469616c01011f5d6194507eb6b58a928541fe7568000653747564696f0001000773657373696f6e02002430313166363238372d663433382d373536662d383865392d613632343439353166613138');
INSERT INTO audit_block VALUES(57,57,X'b853d860e82c1d1a8c215cfac2c252557c0e7491850e89cfa5a650059a0d0e77',X'010180eb8fb19ca6b10400000673797374656d00000b636f756e7465727369676e000e6368616e67652e737461727465640100000a63726564656e7469616c01011f5d6194507eb6b58a928541fe7568000653747564696f0003000861736b65645f6279020004726f6f740007617474656d7074010200066368616e676502002430313166363238372d663433382d376439632d616561322d656366343132626130613531');
INSERT INTO audit_block VALUES(58,58,X'991429fc00353bea9f7ddea42ba8d13dbd96c951a4b798a14f3948e0e9416998',X'010180eb8fb19ca6b10400000673797374656d00000b636f756e7465727369676e000d6368616e67652e7061737365640100000a63726564656e7469616c01011f5d6194507eb6b58a928541fe7568000653747564696f0002000861736b65645f6279020004726f6f7400066368616e676502002430313166363238372d663433382d376439632d616561322d656366343132626130613531');
INSERT INTO audit_block VALUES(59,59,X'3f483e19e990eb0c747a0ca5e92a074c63a567f267aa49717f53c04b2c4280ac',X'010180eb8fb19ca6b10400000673797374656d00000b636f756e7465727369676e000d73657373696f6e2e656e6465640100000a63726564656e7469616c01011f5d6194507eb6b58a928541fe7568000653747564696f0005000e62797465735f7265636f72646564012800077365636f6e64730100000773657373696f6e02002430313166363238372d663433382d373536662d383865392d613632343439353166613138000a737461727465645f6279020004726f6f740003776879020006706572736f6e');
INSERT INTO audit_block VALUES(60,60,X'2aa5f571e983a18b2920978e389b6002be780abde22b40412e1726424811115a',X'010180eb8fb19ca6b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f74000c757365722e63726561746564010000047573657201011f6287f4387a1483b1fed557784667000369646100010004726f6c6502000761756469746f72');
INSERT INTO audit_block VALUES(61,61,X'242f983de625dda0dfe5d45605ebbec0443430954ab9a8050776737ad8760236',X'010180eb8fb19ca6b1040000047573657201011f6287f4387a1483b1fed5577846670003696461000e757365722e7369676e65645f696e0100000b7765625f73657373696f6e01011f6287f43873b4b1e1c09477cced560004746573740001000d7365636f6e645f666163746f720000');
INSERT INTO audit_block VALUES(62,62,X'64d0c7ca228b8a3be91161237f630536ae533d979a55570c694808bf7c6c4f60',X'010180eb8fb19ca6b1040000047573657201011f6287f4387a1483b1fed5577846670003696461001873657373696f6e2e7265636f7264696e675f6f70656e65640100000a63726564656e7469616c01011f5d6194507eb6b58a928541fe7568000653747564696f0002000e706c61796261636b5f756e74696c020018323030392d30322d31305432333a34313a33312e3030305a000773657373696f6e02002430313166363238372d663433382d373536662d383865392d613632343439353166613138');
INSERT INTO audit_block VALUES(63,63,X'232ecfa4f1be09729df7521876b6dffc8aee3e80ef7785e166fb11346189561b',X'010180eb8fb19ca6b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f74000f73657373696f6e2e737461727465640100000a63726564656e7469616c01011f5d6194507eb6b58a928541fe7568000653747564696f0001000773657373696f6e02002430313166363238372d663433382d376631392d613130322d643637633732633765393637');
INSERT INTO audit_block VALUES(64,64,X'cfe591e8608cefd8be2a57822a552cea3e8cc7ab4a101f80f3a00aa031d75bc2',X'010180eb8fb19ca6b10400000673797374656d00000b636f756e7465727369676e000e6368616e67652e737461727465640100000a63726564656e7469616c01011f5d6194507eb6b58a928541fe7568000653747564696f0003000861736b65645f6279020004726f6f740007617474656d7074010200066368616e676502002430313166363238372d663433382d373630312d386630362d646638653762326133353162');
INSERT INTO audit_block VALUES(65,65,X'524e385557d40e5624c7ee02f1bcf8b0c5dcd94acfc4c5b54e8a475a752c4035',X'010180eb8fb19ca6b10400000673797374656d00000b636f756e7465727369676e000d6368616e67652e7061737365640100000a63726564656e7469616c01011f5d6194507eb6b58a928541fe7568000653747564696f0002000861736b65645f6279020004726f6f7400066368616e676502002430313166363238372d663433382d373630312d386630362d646638653762326133353162');
INSERT INTO audit_block VALUES(66,66,X'e2ff67b4a21c10126e84b562b9183c33106cfcf5153ec1ae6debbe44161fdb97',X'010180eb8fb19ca6b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f74001173657373696f6e2e6c696e6b5f6d6164650100000a63726564656e7469616c01011f5d6194507eb6b58a928541fe7568000653747564696f000300056c6576656c020004766965770006706572736f6e02000362656e000773657373696f6e02002430313166363238372d663433382d376631392d613130322d643637633732633765393637');
INSERT INTO audit_block VALUES(68,67,X'b6d292aae2be062976406b9a4af149faeaaf70901105270fdb71113fb5838d63',X'010280eb8fb19ca6b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f740017736572766963655f6163636f756e742e637265617465640100000f736572766963655f6163636f756e7401011f6287f438767593c2a616f87f5cba00066465706c6f7900020004726f6c650200066d656d626572000573636f706502001673656520746f6b656e2072657665616c2061756469740001001e736572766963655f6163636f756e742e7365637265745f637265617465640100000d636c69656e745f73656372657401011f6287f43874f28ecc95cc93c3e393000963635f6873367979430001040205');
INSERT INTO audit_block VALUES(69,69,X'c9af01b553282db5d466901d6ecf53424d286031c51305f7148a25a4499777e4',X'010180eb8fb19ca6b10400000f736572766963655f6163636f756e7401011f6287f438767593c2a616f87f5cba00066465706c6f79001c736572766963655f6163636f756e742e746f6b656e5f69737375656401010003000a657870697265735f6174020018323030392d30322d31305432333a34313a33312e3030305a000573636f706502001673656520746f6b656e2072657665616c206175646974000673656372657402000963635f687336797943');
INSERT INTO audit_block VALUES(71,70,X'ad1b72d673a9e059528acb183e0984daa9d32109198867f6a610a2810f451972',X'010280eb8fb19ca6b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f740017736572766963655f6163636f756e742e637265617465640100000f736572766963655f6163636f756e7401011f6287f4387176aa76cb3f353d55650008706970656c696e6500020004726f6c650200066d656d626572000573636f706502001673656520746f6b656e2072657665616c2061756469740001001e736572766963655f6163636f756e742e7365637265745f637265617465640100000d636c69656e745f73656372657401011f6287f4387a4099e22df08abfe1b7000963635f48566c5834450001040205');
INSERT INTO audit_block VALUES(72,72,X'634fa0bc6b8b4f3d59e2bd7390a968d2ea648ca07d0a839adb3bf234e904529a',X'010180eb8fb19ca6b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f74001e736572766963655f6163636f756e742e6964656e746974795f6164646564010000126665646572617465645f6964656e7469747901011f6287f43876f098cf7472c166719000257265706f3a61636d652f736974653a656e7669726f6e6d656e743a70726f64756374696f6e0003000861756469656e636502001968747470733a2f2f7661756c742e6578616d706c652e636f6d000669737375657202002b68747470733a2f2f746f6b656e2e616374696f6e732e67697468756275736572636f6e74656e742e636f6d000f736572766963655f6163636f756e74020008706970656c696e65');
INSERT INTO audit_block VALUES(73,73,X'26ddafb5768e4e1c5bab726428f4a239133883dd3fbe6a0ef8d5b0f36173aa12',X'010180eb8fb19ca6b10400000f736572766963655f6163636f756e7401011f6287f4387176aa76cb3f353d55650008706970656c696e65001c736572766963655f6163636f756e742e746f6b656e5f69737375656401010005000a657870697265735f6174020018323030392d30322d31305432333a34313a33312e3030305a000669737375657202002b68747470733a2f2f746f6b656e2e616374696f6e732e67697468756275736572636f6e74656e742e636f6d000573636f706502001673656520746f6b656e2072657665616c20617564697400077375626a6563740200257265706f3a61636d652f736974653a656e7669726f6e6d656e743a70726f64756374696f6e0008746f6b656e5f696402000131');
INSERT INTO audit_block VALUES(74,74,X'03ca0386ab1940380176f52675ebede3db13dc223711d42ea0c35c2c20029681',X'010180eb8fb19ca6b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f7400127363696d2e746f6b656e5f637265617465640100000a7363696d5f746f6b656e01011f6287f4387b30bc81da15df2ff00b001270726f766973696f6e696e6720746f6b656e0001000561646f70740000');
INSERT INTO audit_block VALUES(76,75,X'4a9ba5a355a26154a314a54029d3f71284213de20b4edf9e3f4b2bd3e0603bec',X'010280eb8fb19ca6b1040000047363696d0000045343494d000c757365722e63726561746564010000047573657201011f6287f4387b3baf850b0fff92c714000373616d00010004726f6c650200066d656d6265720001000b757365722e65646974656401020001000a617474726962757465730001');
INSERT INTO audit_block VALUES(78,77,X'e40011112d9eeb7b2e08c6d5d1dcea391d13ac0a2e12c86071362cd527863aa1',X'010280eb8fb19ca6b1040000047363696d0000045343494d000d67726f75702e637265617465640100000567726f757001011f6287f4387d49bb038a0081a47ba2000b6e696768742073686966740001000b70726f766973696f6e656400010001001267726f75702e6d656d6265725f61646465640102000100047573657202000373616d');
INSERT INTO audit_block VALUES(79,79,X'60a5abe0f5f09c24f989b47cfc85af8bd23177a6fae20a571f87cdb79c480827',X'010180eb8fb19ca6b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f74000f70726f76696465722e656469746564010000057661756c74010102b362098875baaf0999ba160d0bc7000870726f766964657200070009636c69656e745f696402000b636f756e7465727369676e000c67726f7570735f636c61696d02000667726f757073000669737375657202001968747470733a2f2f6c6f67696e2e6578616d706c652e636f6d00086d617463685f6279020008757365726e616d6500096e65775f75736572730200066e6f626f6479000d7365636f6e645f666163746f7202000e61736b656420666f72206865726500147472757374735f7365636f6e645f666163746f720000');
INSERT INTO audit_block VALUES(80,80,X'5fb89b24ad8a0b3a104d425768c0e578f640c9a9df0a6b697fe6138d48288d43',X'010180eb8fb19ca6b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f74000c757365722e63726561746564010000047573657201011f6287f4387f8983ce21f8ff019b5000037a6f6500010004726f6c650200066d656d626572');
INSERT INTO audit_block VALUES(82,81,X'b0d01f57a9e9a0f9af4cd45a4e6dd1adcfd67388fa8cc6b109eb10ea445c874c',X'010280eb8fb19ca6b1040000047573657201011f6287f4387f8983ce21f8ff019b5000037a6f650017757365722e70726f76696465725f636f6e6e656374656401010002000669737375657202001968747470733a2f2f6c6f67696e2e6578616d706c652e636f6d00077375626a656374020001310001000e757365722e7369676e65645f696e0100000b7765625f73657373696f6e01011f6287f4387ac28b9122cb6df7ce1e0004746573740002000870726f76696465720001000d7365636f6e645f666163746f720000');
INSERT INTO audit_block VALUES(83,83,X'c647e9923bf1d9be94f9d31269cd2aaa48b0372c27c2ba877aca53b304244194',X'010180eb8fb19ca6b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f74001a7661756c742e6b65795f726f746174696f6e5f73746172746564010000057661756c74010102b362098875baaf0999ba160d0bc700097661756c74206b65790002000466726f6d020010346332613832303366306637333363350002746f02001064373435343263386232366238323933');
INSERT INTO audit_block VALUES(84,84,X'ac515446198a23be4dc5423d955ab4be4512251d504fc1962e48b62d8e1ef26a',X'010180d3a2d79ca6b10400000673797374656d00000b636f756e7465727369676e00117661756c742e6b65795f726f7461746564010000057661756c74010102b362098875baaf0999ba160d0bc700097661756c74206b65790002000466726f6d020010346332613832303366306637333363350002746f02001064373435343263386232366238323933');
INSERT INTO audit_block VALUES(85,85,X'723c89f9aba6af70d778be4e13f839405393b9973a474a7d3eee747a95b88bc6',X'010180d3a2d79ca6b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f7400116170695f746f6b656e2e63726561746564010000096170695f746f6b656e01011f628890787a2d9a6a23f7c2121224000263690003000561646d696e0001000a657870697265735f6174020018323030392d30352d31315432333a33323a31312e3030305a0004726f6c6502000d61646d696e6973747261746f72');
INSERT INTO audit_block VALUES(86,86,X'0a1591c293c5f2f1165607afaba0ab4601f53b9f3e8fa2f1d5c1bf8f2562beae',X'010180d3a2d79ca6b1040000047573657201011f5d619450785596ab482bc6df3a03000362656e000e757365722e7369676e65645f696e0100000b7765625f73657373696f6e01011f62889078769b8a47612a9dddcd480004746573740001000d7365636f6e645f666163746f720000');
INSERT INTO audit_block VALUES(87,87,X'a60985f07eae3a34f02ba51d17e2f770533d237650d5b9aec36f8c49be6123d9',X'010180d3a2d79ca6b1040000047573657201011f5d619450785596ab482bc6df3a03000362656e00106465766963652e636f64655f6d61646501010000');
INSERT INTO audit_block VALUES(88,88,X'37bafac689803308ce2c1add7cbf0ce76ae93fba4801fd118ae977301f3230b7',X'010180d3a2d79ca6b104000009657874656e73696f6e01011f5d619450785596ab482bc6df3a03000a62656e2f4c6170746f70000d6465766963652e7061697265640100000664657669636501011f6288907872599cc68a8aeba6d6e700064c6170746f7000030007616464726573730200093139322e302e322e37000a657870697265735f6174020018323030392d30382d30395432333a33323a31312e3030305a00047573657202002430313166356436312d393435302d373835352d393661622d343832626336646633613033');
INSERT INTO audit_block VALUES(89,89,X'9a5124490d9321ff363e847229ed3bef61bc39f8c83fa43ee91b4be66c2165de',X'010180d3a2d79ca6b1040000047573657201011f5d619450706dabbc403b45498b7000036d6178000e757365722e7369676e65645f696e0100000b7765625f73657373696f6e01011f628890787c31b326e797eecf58680004746573740001000d7365636f6e645f666163746f720000');
INSERT INTO audit_block VALUES(90,90,X'b686a6588bbcadb643212e128aee370014697e4ba4daa5880d58a630ee89090c',X'010180d3a2d79ca6b1040000047573657201011f5d619450706dabbc403b45498b7000036d617800106465766963652e636f64655f6d61646501010000');
INSERT INTO audit_block VALUES(91,91,X'ff52bbf999c6a17561ee10411a5307534bc79ed0cdbfe037a2a69f69311033e8',X'010180d3a2d79ca6b1040000066e6f626f64790000036576610013757365722e7369676e5f696e5f6661696c6564010000047573657201011f5d6194507f03aaaddcf6058eef99020001000577726f6e6702000870617373776f7264');
INSERT INTO audit_block VALUES(92,92,X'f33c784f63b937bb9461b65ddbb7e8cf39f3a17e7f8e803d7b3de8fc04f55f7c',X'010180efbe909da6b10400000673797374656d010102b36209887c37a2c8591592f6cf910004726f6f74000a746f6b656e2e726561640100000a63726564656e7469616c01011f5d61945075748e3920674d801592000453686f7000010004737465700194b59e27');
CREATE TABLE audit_index (
    id integer primary key,
    terms blob not null
);
CREATE TABLE audit_run (
    run integer primary key,
    since integer not null,
    until integer not null,
    -- In which of its 64 segments something of authority happened, one bit each; what was ended hangs on it, so it is marked.
    authority integer not null,
    mark blob
);
CREATE TABLE audit_name (
    name text not null,
    thing blob not null,
    primary key (name, thing)
) without rowid;
CREATE TABLE credential_gone (
    credential blob primary key not null,
    changed integer not null
);
INSERT INTO credential_gone VALUES(X'011f5d61945071858931b51adc0303bb',22);
CREATE TABLE person_group (
    id blob primary key not null,
    name text not null,
    name_key text not null,
    created_at integer not null,
    mark blob
);
INSERT INTO person_group VALUES(X'011f5d619450710ba8c95819ad45f62b','leads','leads',1234222290000000,X'd129b67e981d722a96c2080fd06140b276601dca7444fd8bb229365e037e41ab');
INSERT INTO person_group VALUES(X'011f5d619450702ead1d6aa8e45b83f4','staff','staff',1234222290000000,X'82b4d001958a09282846abf1bd37b12f96e143ff87fab3bc6991f537b3b9ac69');
INSERT INTO person_group VALUES(X'011f6287f4387d49bb038a0081a47ba2','night shift','night shift',1234308691000000,X'70105de21549a61b7bd6a0cd45f48e14dc7d5b53ca8dd84621939a0b1f773111');
CREATE TABLE group_member (
    id blob primary key not null,
    grp blob not null references person_group (id) on delete cascade,
    person blob references person (id) on delete cascade,
    inner_grp blob references person_group (id) on delete cascade,
    mark blob
, by_provider boolean not null default false);
INSERT INTO group_member VALUES(X'011f5d6194507d88aed935a2f8f96c82',X'011f5d619450710ba8c95819ad45f62b',X'011f5d619450785596ab482bc6df3a03',NULL,X'8bff7983d487410cb32cd23de5c32376dcbb70d1434399901920ee11656f58a3',0);
INSERT INTO group_member VALUES(X'011f5d6194507a16b67b385789a0efa5',X'011f5d619450710ba8c95819ad45f62b',X'011f5d6194507ebda8a8ebdfb844b2b2',NULL,X'c06242e66a81a6d27af9bd9fcc23b1a852d509be9c41a76e6d3a98753b822182',0);
INSERT INTO group_member VALUES(X'011f5d6194507015ada7866a62b37911',X'011f5d619450702ead1d6aa8e45b83f4',NULL,X'011f5d619450710ba8c95819ad45f62b',X'692958127bb6027853510a41d534b44d9c109eb83f71a67dfc87642d6a95b928',0);
INSERT INTO group_member VALUES(X'011f5d6194507315a1be6f9759da4638',X'011f5d619450702ead1d6aa8e45b83f4',X'011f5d619450706dabbc403b45498b70',NULL,X'aad76ddda5a083eea0fd685ba4f6f3d1c4e06b59caa0abaaf911a5ad76bbb806',0);
INSERT INTO group_member VALUES(X'011f6287f4387cad9797983a9853d2b7',X'011f6287f4387d49bb038a0081a47ba2',X'011f6287f4387b3baf850b0fff92c714',NULL,X'd128e37be6d55e32dcca0de46f69bc22e12974c388acab0de1bbf01e020ad625',0);
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
INSERT INTO access_grant VALUES(X'011f5d61945074babe62bbc1441f91b2',NULL,X'011f5d619450710ba8c95819ad45f62b',NULL,'back office',NULL,1,1,NULL,'{"address":false,"paste":false,"copy":false,"upload":false,"download":false}',0,0,0,0,'{}',NULL,NULL,1234222290000000,'root',X'56ee9411cc1d059de57a0a670f250163f43a24d2157da05ae21e0db7dbe0876f');
INSERT INTO access_grant VALUES(X'011f5d6194507f1a9c19f7b5a26fdb6b',X'011f5d619450706dabbc403b45498b70',NULL,X'011f5d61945075748e3920674d801592',NULL,NULL,1,1,NULL,'{"address":false,"paste":false,"copy":false,"upload":false,"download":false}',0,0,0,0,'{"approval":{"levels":[{"group":"011f5d61-9450-710b-a8c9-5819ad45f62b","approvals":1}],"minutes":60,"emergency_minutes":15}}',NULL,NULL,1234222290000000,'root',X'e44b67e7b2a8c162076ad992a527a68b8dde6313ef7a37ce975b1a4b1cd27d29');
INSERT INTO access_grant VALUES(X'011f5d6194507be188450e6d2bb36599',X'011f5d619450706dabbc403b45498b70',NULL,X'011f5d61945077149ac2db3684a61db8',NULL,NULL,1,1,NULL,'{"address":false,"paste":false,"copy":false,"upload":false,"download":false}',0,0,0,0,'{"check_out":{"minutes":60,"change_after":false}}',NULL,NULL,1234222290000000,'root',X'905b2ae2d94ed12233c6f3604682a4755e1442fd48776dd38b4a279e1a4d2d53');
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
INSERT INTO access_request VALUES(X'011f5d6194507f40a0c32b0cbbdc44bb',X'011f5d61945075748e3920674d801592',X'011f5d6194507f1a9c19f7b5a26fdb6b',X'011f5d619450706dabbc403b45498b70',1234222290000000,1234308690000000,1234222290000000,1234224090000000,NULL,'{"permissions":{"token":true,"reveal":true,"session":null,"extras":{"address":false,"paste":false,"copy":false,"upload":false,"download":false},"change":false,"edit":false,"share":false,"audit":false},"rule":{"levels":[{"group":"011f5d61-9450-710b-a8c9-5819ad45f62b","approvals":1}],"minutes":60,"emergency_minutes":15},"minutes":30,"reason":"a fix","approvals":[{"person":"011f5d61-9450-7855-96ab-482bc6df3a03","name":"ben","level":0,"at":"2009-02-09T23:31:30.000Z"}]}',NULL,X'2bcf1450f9f9bb7cf12f5f2382c618ab896425cf97e393d7218a04a28bb6a56f');
CREATE TABLE check_out (
    credential blob primary key not null references credential (id) on delete cascade,
    holder blob,
    due_at integer,
    state text not null,
    mark blob
);
INSERT INTO check_out VALUES(X'011f5d61945077149ac2db3684a61db8',X'011f5d619450706dabbc403b45498b70',1234224090000000,'{"held":{"person":"011f5d61-9450-706d-abbc-403b45498b70","name":"max","grant":"011f5d61-9450-7be1-8845-0e6d2bb36599","rule":{"minutes":60,"change_after":false},"from":"2009-02-09T23:31:30.000Z","until":"2009-02-10T00:01:30.000Z"},"queue":[],"turn_from":null,"told":null}',X'b4cf0f771ef0d66abe36fb1e1cc09e99ebccda02435e11929b10871404c1d09b');
CREATE TABLE grant_decision (
    grant_id blob primary key not null references access_grant (id) on delete cascade,
    decided_at integer not null,
    decided_by text not null,
    mark blob
);
INSERT INTO grant_decision VALUES(X'011f5d61945074babe62bbc1441f91b2',1234222290000000,'root',X'0bc390eca4c59ef60161f1d311c0e9ee88b781bee379608c6789af7e9af2d039');
INSERT INTO grant_decision VALUES(X'011f5d6194507f1a9c19f7b5a26fdb6b',1234222290000000,'root',X'df2e246a0a8cb4809907f750591a2ba37a66351e3c0af815337f7b1c5d9e8a0d');
INSERT INTO grant_decision VALUES(X'011f5d6194507be188450e6d2bb36599',1234222290000000,'root',X'74da107834b94eeed9d0497901c16091bf3e430f313c536669f5c3c16024e197');
CREATE TABLE last_use (
    thing blob primary key not null,
    used_at integer not null,
    actor blob not null,
    actor_name text not null,
    act text not null,
    uses integer not null
);
INSERT INTO last_use VALUES(X'011f5d61945075748e3920674d801592',1234222290000000,X'011f5d619450706dabbc403b45498b70','max','token.read',1);
INSERT INTO last_use VALUES(X'011f5d6194507f1a9c19f7b5a26fdb6b',1234222290000000,X'011f5d619450706dabbc403b45498b70','max','token.read',1);
INSERT INTO last_use VALUES(X'011f5d6194507be188450e6d2bb36599',1234222290000000,X'011f5d619450706dabbc403b45498b70','max','password.revealed',2);
INSERT INTO last_use VALUES(X'011f5d61945077149ac2db3684a61db8',1234222290000000,X'011f5d619450706dabbc403b45498b70','max','password.revealed',2);
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
INSERT INTO passkey VALUES(X'011f5d6194507f1690501c9dc99f424e',X'011f5d6194507862940e9cdd22531ad1',X'acda0363e092ef050c8cb0d39e8ae188ea9cf61b2f8e5d91f1e5489c29e999c7','Phone','{"cred":{"cred_id":"rNoDY-CS7wUMjLDTnorhiOqc9hsvjl2R8eVInCnpmcc","cred":{"type_":"ES256","key":{"EC_EC2":{"curve":"SECP256R1","x":"neDeMRgx60rDThx4_5cEZvoy_pbuQrTNywoHCIdZO2s","y":"xCHuydMmW89BPSMr7FMoz9ffjJDtPzbKzbISqII2kys"}}},"counter":1,"transports":null,"user_verified":true,"backup_eligible":false,"backup_state":false,"registration_policy":"required","extensions":{"cred_protect":"Ignored","hmac_create_secret":"NotRequested","appid":"NotRequested","cred_props":"Ignored"},"attestation":{"data":"None","metadata":"None"},"attestation_format":"none"}}',1234222290000000,NULL,X'95873a73a98adcdb593e28d42429c983c86f3c12a587faa6340a54eb4eab4b6e');
CREATE TABLE passkey_challenge (
    id blob primary key not null,
    holder blob not null,
    state text not null,
    expires_at integer not null,
    mark blob
);
INSERT INTO passkey_challenge VALUES(X'011f628890787c34a817541bddbfd5db',X'10dd15b1f8b3e73071d2be481d74e5bacc0e48737caab6aba8c6778511dab200','{"ast":{"credentials":[],"policy":"required","challenge":"4Dcgv7Kz9LKforwOy6Zx_cSpuzvY9GJYaSYUmQaZ_i4","appid":null,"allow_backup_eligible_upgrade":false}}',1234309031000000,X'a68f35bb4e4e2a9b9aa16243cf5429c133207cf575f8216b12c1c3af153fc555');
CREATE TABLE service_account (
    person blob primary key not null references person (id) on delete cascade,
    description text not null,
    owner blob references person (id) on delete set null,
    scope text not null,
    networks text not null,
    expires_at integer,
    created_by text not null,
    last_used_at integer,
    mark blob not null
);
INSERT INTO service_account VALUES(X'011f6287f438767593c2a616f87f5cba','deploys the site',NULL,'see token reveal audit','',NULL,'root',1234308691000000,X'67c5802cc45b1b82198960c7ede6de896345d4101b70cb6834c918bb0a9702c3');
INSERT INTO service_account VALUES(X'011f6287f4387176aa76cb3f353d5565','deploys the site',NULL,'see token reveal audit','',NULL,'root',1234308691000000,X'e889627d34ed2e0288d1356e2c4d2c7a8e7bfaab1c73f18f1d06bc22db8e1643');
CREATE TABLE client_secret (
    id blob primary key not null,
    token blob not null,
    person blob not null references service_account (person) on delete cascade,
    hint text not null,
    created_at integer not null,
    created_by text not null,
    expires_at integer,
    last_used_at integer,
    mark blob not null
);
INSERT INTO client_secret VALUES(X'011f6287f43874f28ecc95cc93c3e393',X'84d9f9daae5f1a0bd91deea45850e5e86b6b6a9fe395a7b2860508e3603c5c33',X'011f6287f438767593c2a616f87f5cba','cc_hs6yyC',1234308691000000,'root',NULL,1234308691000000,X'7c185d770b85433fdebba134f1fe36fccdea49c51ce6b3ae272fd09e1f605e61');
INSERT INTO client_secret VALUES(X'011f6287f4387a4099e22df08abfe1b7',X'5b5db67975d7f363edc4255dbca3e52ad4ec2fd7dda2b3928317d5059f019f6b',X'011f6287f4387176aa76cb3f353d5565','cc_HVlX4E',1234308691000000,'root',NULL,NULL,X'0fac50d65bd9c0dd936391c5245470bfea3cc14d86896dbdc052f29a4c88f8a3');
CREATE TABLE scim_token (
    id blob primary key not null,
    token blob not null,
    adopt boolean not null,
    created_at integer not null,
    created_by text not null,
    expires_at integer,
    last_used_at integer,
    mark blob not null
);
INSERT INTO scim_token VALUES(X'011f6287f4387b30bc81da15df2ff00b',X'ed31962e1eade4ba22959a34599af5d2c946dc45f0a085527d7706eda2c9b92f',0,1234308691000000,'root',NULL,1234308691000000,X'913da4c245e59f6271c06dc465e99ad05a9286c84ecdd3923f318836ed1f363f');
CREATE TABLE scim_user (
    person blob primary key not null references person (id) on delete cascade,
    external_id text,
    attributes text not null,
    updated_at integer not null,
    mark blob not null
);
INSERT INTO scim_user VALUES(X'011f6287f4387b3baf850b0fff92c714',NULL,'{"active":true,"display":null,"email":null,"family":null,"given":null,"kept_out":false}',1234308691000000,X'1b848b6415223732a1eecad89fc65ea2fab38a90510738bd92f763aea09a07b6');
CREATE TABLE scim_group (
    grp blob primary key not null references person_group (id) on delete cascade,
    external_id text,
    mark blob not null
);
INSERT INTO scim_group VALUES(X'011f6287f4387d49bb038a0081a47ba2','7',X'41763d2ec6b99c35fca1a84e639324157ffd6c742a58e34ddb8e69a41e180ce3');
CREATE TABLE provider (
    id blob primary key not null,
    settings text not null,
    version blob not null,
    sealed blob not null,
    mark blob
);
INSERT INTO provider VALUES(X'0102b362098875baaf0999ba160d0bc7','{"name":"Example","issuer":"https://login.example.com","client_id":"countersign","address":"https://vault.example.com","scopes":["profile"],"match_by":"username","new_users":null,"trusts_second_factor":false,"groups_claim":"groups","groups":[]}',X'011f6287f4387ff7874c1b2a91e4747f',X'0200000002ecd506bb87c27a7efa5aea41f29ec70f31095c4a25a1067e23c0ce98f8a1169b5c6a7b0e626db756878c8743b73e331d142dd02d9f7f87b59f504770d3ce71c5f3ea6ce2e32c203040ba116bb494ce3c75bd2325134caf1a9c233bb90e7ccce055f1b58be70f33',X'a1fbe3d904b3fba1f469f4761dc809232f3fa5833dc2945ad876d5403fabc1ef');
CREATE TABLE provider_identity (
    id blob primary key not null,
    person blob not null references person (id) on delete cascade,
    issuer text not null,
    subject text not null,
    created_at integer not null,
    mark blob
);
INSERT INTO provider_identity VALUES(X'011f6287f438701fa9a319e5f1158351',X'011f6287f4387f8983ce21f8ff019b50','https://login.example.com','1',1234308691000000,X'c57e2aecb2b71a1a460fcf6bc5b4370f75bdc0471736b36193ddd86fd7d81334');
CREATE TABLE round_trip (
    token blob primary key not null,
    began_at integer not null,
    state text not null,
    mark blob not null
);
INSERT INTO round_trip VALUES(X'fe1296ea0c3e034ba780cf00d3f922d2072cefce7a77ec2144065ffa51884b70',1234308731000000,'{"purpose":"sign_in","user":null,"session":null,"stage":"away"}',X'517ba74b75d44a614af52e8880c66688243ed701cde1661b1f731de3323fecf7');
CREATE TABLE audit_sink (
    id blob primary key not null,
    name text not null,
    name_key text not null,
    kind text not null,
    settings text not null,
    version blob not null,
    sealed blob not null,
    paused boolean not null,
    created_at integer not null,
    mark blob
);
INSERT INTO audit_sink VALUES(X'011f5d6194507a83955c3917abea1c40','SIEM','siem','webhook','{"address":"https://hooks.example.com","has_header":true,"authority":null,"plain":false,"acts":["token.read"]}',X'011f5d61945075c193dfd3a4edaee4c0',X'02000000026cc590bb1985996a240054a0a709023c51c454ceb2dd72441e13430d201c40f34c775c4168cca6e6c77406ecf89c4c1dcef69444c2949718de8f59b36606677a4412aa9c1010e0c7369fa55eed6c349b3c88ede9356992ded7078f79cdd78309f7ca0d13bf378afdcfc2e3fa51adc9c1b1e23c4ae35cf2614ba832b944c9e65a5d64cd9c937f11fe91083412c3727a12063d888fa5b25d9ff9c599c4a8862749ddabe4d0d2a2ad7d80897938d858f508d5a4c4ded5c9cb1fe2dcdcf4d0435032cd7ff3cd2cf07bb4aa95190da7c0fe0833ce7125f4ce75b9050f85bee5ac48ac9a',0,1234222290000000,X'36636fc71bfa85052a54b7807eecd1cef8fad07e73f4c7d48902b263467cfecc');
CREATE TABLE audit_sink_state (
    sink blob primary key not null references audit_sink (id) on delete cascade,
    start_seq integer not null,
    cursor_seq integer not null,
    cursor_root blob not null,
    sent_seq integer not null,
    checkpoint_size integer not null,
    mark blob,
    attempts integer not null,
    failing_since integer,
    last_error text,
    next_try_at integer,
    taken_at integer,
    told_at integer,
    leased_by text,
    leased_until integer
);
INSERT INTO audit_sink_state VALUES(X'011f5d6194507a83955c3917abea1c40',0,34,X'21d8fdcb136b013eb498dd55dc74247fe2fd1ffeeb632e114b81fe452f19ad24',20,0,X'69a8f4a1c3a7b0c92a1f21e85dbc204e3239c71216dc90e86d2b7b70fb15d0bb',0,NULL,NULL,NULL,1234222290000000,NULL,NULL,NULL);
CREATE TABLE audit_view (
    id blob primary key not null,
    person blob not null references person (id) on delete cascade,
    name text not null,
    filter text not null,
    created_at integer not null
);
INSERT INTO audit_view VALUES(X'011f5d619450759d8c4201d490fbd30e',X'011f5d6194507862940e9cdd22531ad1','Refusals','{"search":null,"act":"token.denied","credential":null,"actor":null,"since":null,"until":null}',1234222290000000);
CREATE TABLE federated_identity (
    id blob primary key not null,
    person blob not null references service_account (person) on delete cascade,
    issuer text not null,
    audience text not null,
    subject text not null,
    claims text not null,
    created_at integer not null,
    created_by text not null,
    last_used_at integer,
    mark blob not null
);
INSERT INTO federated_identity VALUES(X'011f6287f43876f098cf7472c1667190',X'011f6287f4387176aa76cb3f353d5565','https://token.actions.githubusercontent.com','https://vault.example.com','repo:acme/site:environment:production','{}',1234308691000000,'root',1234308691000000,X'cb9bc785c169eabf557e6060660a2e894ce7a8f082550bdf02f4cd383a3ee33f');
CREATE TABLE used_assertion (
    id blob primary key not null,
    expires_at integer not null
);
INSERT INTO used_assertion VALUES(X'6b2f61488f7a1037d34043c634256dbb',1234309051000000);
CREATE TABLE IF NOT EXISTS "access_token" (
    id blob primary key not null,
    token blob not null,
    person blob not null references service_account (person) on delete cascade,
    secret blob references client_secret (id) on delete cascade,
    scope text not null,
    created_at integer not null,
    expires_at integer not null,
    mark blob not null,
    identity blob references federated_identity (id) on delete cascade
);
INSERT INTO access_token VALUES(X'011f6287f4387a81897e32162b7b6faf',X'71c1ef9a124e94dd48a5bed6baee8ef83c2ecb283cc0e7e95397387d188fc9a9',X'011f6287f438767593c2a616f87f5cba',X'011f6287f43874f28ecc95cc93c3e393','see token reveal audit',1234308691000000,1234309291000000,X'0dfcae4ddb70d50f1b2616aee11ffa7386e8b8fb221f6bc553ed910f6b17be23',NULL);
INSERT INTO access_token VALUES(X'011f6287f4387c78b6e6eebbc1567699',X'8226d63f678f1f542bbc858cf9658341bbfedcd7f2aa57b58b4956200e7506a4',X'011f6287f4387176aa76cb3f353d5565',NULL,'see token reveal audit',1234308691000000,1234309291000000,X'f36008302e26205b05f42bfc3044e1097fd67af644233c2d3c8138c2f3db8c9c',X'011f6287f43876f098cf7472c1667190');
CREATE TABLE device (
    id blob primary key not null,
    person blob not null references person (id) on delete cascade,
    name text not null,
    public_key blob not null,
    created_at integer not null,
    expires_at integer not null,
    last_used_at integer,
    mark blob not null
);
INSERT INTO device VALUES(X'011f6288907872599cc68a8aeba6d6e7',X'011f5d619450785596ab482bc6df3a03','Laptop',X'04a597956939633b38c66c8ae82645641b42d9e6563f09f4a9971485eba50406a9a2cde2ec1eb15c495821dcb4558bb1ddbd06494ee7e8db63e32cf84b40a2e626',1234308731000000,1249860731000000,1234308731000000,X'c9a0a866b856a4e5af592341bd35c530c5b6d364db128a45128e0245f95a6f93');
CREATE TABLE pairing_code (
    person blob primary key not null references person (id) on delete cascade,
    token blob not null,
    expires_at integer not null,
    mark blob not null
);
INSERT INTO pairing_code VALUES(X'011f5d619450706dabbc403b45498b70',X'5f8cfb2725078e3722632243f4471e459cb7327e30ef2dea7cd410d4dd445f2c',1234309031000000,X'76dec49b9f7b8a114db16b7b699e28a4dbacf21d43331d6d3e8796a457524351');
CREATE TABLE device_request (
    device blob not null references device (id) on delete cascade,
    nonce blob not null,
    expires_at integer not null,
    primary key (device, nonce)
);
INSERT INTO device_request VALUES(X'011f6288907872599cc68a8aeba6d6e7',X'00000000000000000000000000000001',1234308792000000);
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
CREATE INDEX service_account_owner on service_account (owner);
CREATE UNIQUE INDEX client_secret_token on client_secret (token);
CREATE INDEX client_secret_person on client_secret (person);
CREATE UNIQUE INDEX scim_token_token on scim_token (token);
CREATE INDEX scim_user_external on scim_user (external_id);
CREATE INDEX scim_group_external on scim_group (external_id);
CREATE UNIQUE INDEX provider_identity_subject on provider_identity (issuer, subject);
CREATE UNIQUE INDEX provider_identity_person on provider_identity (person, issuer);
CREATE INDEX round_trip_began on round_trip (began_at);
CREATE UNIQUE INDEX audit_sink_name on audit_sink (name_key);
CREATE INDEX audit_view_person on audit_view (person);
CREATE INDEX federated_identity_person on federated_identity (person);
CREATE INDEX used_assertion_expires on used_assertion (expires_at);
CREATE UNIQUE INDEX access_token_token on access_token (token);
CREATE INDEX access_token_person on access_token (person, created_at);
CREATE INDEX access_token_secret on access_token (secret);
CREATE INDEX access_token_expires on access_token (expires_at);
CREATE INDEX access_token_identity on access_token (identity);
CREATE INDEX device_person on device (person);
CREATE UNIQUE INDEX pairing_code_token on pairing_code (token);
CREATE INDEX device_request_expires on device_request (expires_at);
COMMIT;
