export const id = 261;
export const ids = [261];
export const modules = {

/***/ 1261:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  checkAnswer: () => (/* binding */ checkAnswer)
});

// UNUSED EXPORTS: checkShape

// EXTERNAL MODULE: ./node_modules/zod/v4/classic/schemas.js + 7 modules
var schemas = __webpack_require__(3339);
// EXTERNAL MODULE: ./build/protocol/states.js
var states = __webpack_require__(6847);
// EXTERNAL MODULE: ./node_modules/zod/v4/classic/iso.js
var iso = __webpack_require__(4377);
// EXTERNAL MODULE: ./node_modules/zod/v4/core/core.js
var core = __webpack_require__(8532);
;// CONCATENATED MODULE: ./build/protocol/ids.js
/** Ids are opaque strings with a prefix that says what they name. */
const idPrefixes = {
    run: 'run_',
    job: 'job_',
    lease: 'lse_',
    agent: 'agt_',
    device: 'dev_',
    artifact: 'art_',
};
/** Lease ids are chosen by the agent. */
const leaseIdPattern = /^[A-Za-z0-9_-]{8,64}$/;
/** Org, app version, device and agent names: readable, safe in a URL's path and in a shell. */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._@+:-]{0,127}$/;
/** Which of the two an id given on a command line names; undefined when it is neither. */
function kindOfId(id) {
    if (id.startsWith(idPrefixes.run))
        return 'run';
    if (id.startsWith(idPrefixes.job))
        return 'job';
    return undefined;
}

// EXTERNAL MODULE: ./build/protocol/limits.js
var limits = __webpack_require__(3437);
// EXTERNAL MODULE: ./build/protocol/priority.js
var protocol_priority = __webpack_require__(5949);
// EXTERNAL MODULE: ./build/protocol/targets.js
var targets = __webpack_require__(8411);
;// CONCATENATED MODULE: ./build/protocol/shapes/common.js






const Instant = iso/* datetime */.w$().describe('An instant, ISO 8601 in UTC');
const Ms = schemas/* int */.Whr().min(0);
const named = (what) => schemas/* string */.YjP()
    .regex(namePattern, `${what} must be 1 to 128 letters, digits or . _ @ + : -, and start with a letter or digit`);
const OrgId = named('org_id');
const AppVersionId = named('app_version_id');
const Name = named('a name');
/** What was sent, fit for a message: an object may have a `toString` of its own, which must not be called. */
const quoted = (input) => typeof input === 'string' || typeof input === 'number' ? String(input).slice(0, 80) : typeof input;
const Target = schemas/* string */.YjP()
    .refine(targets/* isTarget */.Ex, { error: (issue) => (0,targets/* unknownTarget */.Ww)(quoted(issue.input)) })
    .describe('emulator, device or browserstack, or one of them with a pool: device/pixel-8');
const Priority = schemas/* union */.KCZ([schemas/* int */.Whr(), schemas/* string */.YjP()], { error: (issue) => (0,protocol_priority/* badPriority */.w)(quoted(issue.input)) })
    .transform((value, context) => {
    const priority = (0,protocol_priority/* parsePriority */.c)(value);
    if (priority !== undefined)
        return priority;
    context.addIssue({ code: 'custom', message: (0,protocol_priority/* badPriority */.w)(value) });
    return core/* NEVER */.tm;
})
    .describe('1 to 10, 10 is the most urgent; or low (2), medium (5), high (8)');
const FrameworkName = schemas/* enum */.k5n(states/* frameworks */.Ij);
// Control characters, ends of lines and marks that turn the direction of writing would let a path speak to terminals,
// logs and workflow commands, or show as another one.
const unseen = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;
/** A test file: relative, POSIX, inside the source. What it means is the framework's business. */
const TestPath = schemas/* string */.YjP()
    .min(1, 'a test path must not be empty')
    .max(limits/* limits */.F.testPathLength, `a test path has at most ${limits/* limits */.F.testPathLength} characters`)
    .refine((path) => path.isWellFormed() && !unseen.test(path), 'a test path must not hold control characters, line ends or what turns the direction of writing')
    .refine((path) => path.trim() === path, 'a test path must not begin or end with a blank')
    .refine((path) => !path.startsWith('/') && !path.includes('\\') && !path.split('/').includes('..'), 'a test path must be relative to the source, with / between folders and no ..');
const Cursor = schemas/* string */.YjP().max(200);
const NextCursor = schemas/* string */.YjP().nullable();
/** A number in a query string. */
const queryInt = (minimum, maximum) => schemas/* string */.YjP()
    .regex(/^\d{1,12}$/, 'must be a whole number')
    .transform(Number)
    .pipe(schemas/* int */.Whr().min(minimum).max(maximum));
/** The body of a change: any of these, and at least one. */
const someOf = (shape) => schemas/* strictObject */.rej(shape).refine((body) => Object.keys(body).length > 0, {
    message: `nothing to change: send ${Object.keys(shape).join(' or ')}`,
});
const Page = {
    limit: queryInt(1, limits/* limits */.F.maxPageSize).optional(),
    cursor: Cursor.optional(),
    offset: queryInt(0, 1_000_000).optional(),
};

;// CONCATENATED MODULE: ./build/protocol/shapes/job.js




/** One test case of a report. */
const TestCase = schemas/* strictObject */.rej({
    name: schemas/* string */.YjP().max(2000),
    file: schemas/* string */.YjP().max(1000).optional(),
    line: schemas/* int */.Whr().min(0).optional(),
    status: schemas/* enum */.k5n(states/* testStatuses */.lh),
    duration_ms: Ms,
    message: schemas/* string */.YjP().max(20_000).optional(),
});
/** What a report counted, whether its cases are listed or not; `listed` of `total` are in `tests`. */
const Report = schemas/* strictObject */.rej({
    total: schemas/* int */.Whr().min(0),
    passed: schemas/* int */.Whr().min(0),
    failed: schemas/* int */.Whr().min(0),
    skipped: schemas/* int */.Whr().min(0),
    flaky: schemas/* int */.Whr().min(0),
    listed: schemas/* int */.Whr().min(0),
});
/** The session at a device provider that ran an attempt. */
const Provider = schemas/* strictObject */.rej({
    name: schemas/* string */.YjP().max(100),
    session_id: schemas/* string */.YjP().max(200),
    url: schemas/* string */.YjP().max(2000),
});
const Job = schemas/* object */.Ikc({
    job_id: schemas/* string */.YjP(),
    run_id: schemas/* string */.YjP(),
    org_id: OrgId,
    app_version_id: AppVersionId,
    test_path: TestPath,
    target: Target,
    framework: FrameworkName.nullable(),
    priority: schemas/* int */.Whr(),
    status: schemas/* enum */.k5n(states/* jobStatuses */.ub),
    outcome: schemas/* enum */.k5n(states/* outcomes */.KI).nullable(),
    wait_reason: schemas/* enum */.k5n(states/* waitReasons */.Z2).nullable(),
    attempt: schemas/* int */.Whr().describe('Attempts started so far; the last one is the one shown'),
    max_retries: schemas/* int */.Whr(),
    retry_failed_tests: schemas/* int */.Whr(),
    failures: schemas/* int */.Whr(),
    test_failures: schemas/* int */.Whr(),
    crashes: schemas/* int */.Whr(),
    releases: schemas/* int */.Whr(),
    agent_id: schemas/* string */.YjP().nullable(),
    device_id: schemas/* string */.YjP().nullable(),
    lease_id: schemas/* string */.YjP().nullable(),
    submitted_at: Instant,
    run_at: Instant.nullable().describe('When a waiting job is queued again'),
    started_at: Instant.nullable(),
    finished_at: Instant.nullable(),
    duration_ms: Ms.nullable(),
    error: schemas/* string */.YjP().nullable(),
    provider: Provider.nullable(),
    tests: schemas/* array */.YOg(TestCase).nullable().describe('Of the last attempt; in lists null'),
    report: Report.nullable()
        .default(null)
        .describe('What the last attempt counted; `tests` lists 5000 at most'),
    rev: schemas/* int */.Whr(),
});
const Attempt = schemas/* object */.Ikc({
    attempt: schemas/* int */.Whr(),
    lease_id: schemas/* string */.YjP(),
    agent_id: schemas/* string */.YjP(),
    device_id: schemas/* string */.YjP(),
    started_at: Instant,
    finished_at: Instant.nullable(),
    duration_ms: Ms.nullable(),
    verdict: schemas/* enum */.k5n(states/* verdicts */.rY).nullable(),
    error_class: schemas/* enum */.k5n(states/* errorClasses */.nU).nullable(),
    error: schemas/* string */.YjP().nullable(),
    tests: schemas/* array */.YOg(TestCase).nullable(),
    report: Report.nullable().default(null),
    provider: Provider.nullable(),
});
const AttemptList = schemas/* object */.Ikc({ attempts: schemas/* array */.YOg(Attempt), next_cursor: NextCursor });
/** `completed` is what earlier systems called passed. */
const StatusFilter = schemas/* enum */.k5n([...states/* jobStatuses */.ub, 'completed']);
const JobFilters = schemas/* strictObject */.rej({
    ...Page,
    org_id: OrgId.optional(),
    status: StatusFilter.optional(),
    app_version_id: AppVersionId.optional(),
    target: Target.optional(),
    run_id: schemas/* string */.YjP().max(100).optional(),
    agent_id: schemas/* string */.YjP().max(100).optional(),
});
const JobList = schemas/* object */.Ikc({ jobs: schemas/* array */.YOg(Job), next_cursor: NextCursor });
/** A held GET answers when `rev` has passed `after_rev`, or when `wait_ms` is over. */
const HoldQuery = schemas/* strictObject */.rej({
    after_rev: queryInt(0, Number.MAX_SAFE_INTEGER).optional(),
    wait_ms: queryInt(0, limits/* limits */.F.holdMs).optional(),
});
const LogQuery = schemas/* strictObject */.rej({
    attempt: queryInt(1, 1000).optional(),
    offset: queryInt(0, Number.MAX_SAFE_INTEGER).optional(),
});

;// CONCATENATED MODULE: ./build/protocol/shapes/run.js





const hex = (length) => schemas/* string */.YjP().regex(new RegExp(`^[0-9a-f]{${length}}$`), `must be ${length} hex digits`);
const CommitSha = schemas/* string */.YjP().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, 'a commit is 40 or 64 hex digits');
/** Where the test code comes from. A workspace without `sha` is taken as it is. */
const Source = schemas/* discriminatedUnion */.gMt('kind', [
    schemas/* strictObject */.rej({ kind: schemas/* literal */.euz('workspace'), sha: CommitSha.optional() }),
    schemas/* strictObject */.rej({ kind: schemas/* literal */.euz('bundle'), sha256: hex(64) }),
    schemas/* strictObject */.rej({
        kind: schemas/* literal */.euz('git'),
        repository: schemas/* string */.YjP().max(500),
        sha: CommitSha,
        subdir: schemas/* string */.YjP().max(500).optional(),
    }),
]);
/** The workflow that submits, as it describes itself. */
const Github = schemas/* strictObject */.rej({
    repository: schemas/* string */.YjP().max(200),
    repository_id: schemas/* string */.YjP().max(30),
    pr_number: schemas/* int */.Whr().min(1).optional(),
    sha: CommitSha,
    ref: schemas/* string */.YjP().max(500),
    event_name: schemas/* string */.YjP().max(100),
    workflow: schemas/* string */.YjP().max(500),
    job: schemas/* string */.YjP().max(200),
    check_name: schemas/* string */.YjP().max(200),
    leg: schemas/* string */.YjP().max(100).optional(),
    run_id: schemas/* string */.YjP().max(30),
    run_attempt: schemas/* int */.Whr().min(1),
});
const runSettings = {
    org_id: OrgId.optional().describe('Required with the operator token; otherwise the token says it'),
    app_version_id: AppVersionId,
    target: Target.optional(),
    priority: Priority.optional(),
    max_retries: schemas/* int */.Whr().min(0).max(20).optional(),
    retry_failed_tests: schemas/* int */.Whr().min(0).max(20).optional(),
    timeout_ms: schemas/* int */.Whr()
        .min(1000)
        .max(24 * 3_600_000)
        .optional(),
    queue_timeout_ms: schemas/* int */.Whr().min(1000).max(limits/* limits */.F.maxDelayMs).optional(),
    delay_ms: schemas/* int */.Whr().min(0).max(limits/* limits */.F.maxDelayMs).optional(),
    framework: FrameworkName.optional(),
    source: Source.optional(),
    metadata: schemas/* record */.g1P(schemas/* string */.YjP().max(100), schemas/* string */.YjP().max(2000))
        .refine((given) => Object.keys(given).length <= 100, 'at most 100 keys')
        .optional(),
    allow_no_device: schemas/* boolean */.zMY()
        .optional()
        .describe('Queue also for a target that no device has ever offered, and wait for one'),
    fail_on_flaky: schemas/* boolean */.zMY().optional(),
    supersede: schemas/* boolean */.zMY().optional(),
    on_client_gone: schemas/* enum */.k5n(['keep', 'cancel']).optional(),
    comment: schemas/* enum */.k5n(['always', 'failures', 'changes', 'off']).optional(),
    github: Github.optional(),
};
const SubmitRun = schemas/* strictObject */.rej({
    ...runSettings,
    targets: schemas/* array */.YOg(Target).min(1, 'name at least one target').max(50).optional(),
    tests: schemas/* array */.YOg(TestPath)
        .min(1, 'tests is empty: name at least one test file')
        .max(limits/* limits */.F.testsPerRun, `a run has at most ${limits/* limits */.F.testsPerRun} tests`),
})
    .refine((body) => !(body.target && body.targets), {
    path: ['targets'],
    message: 'target and targets exclude each other: give one of them',
});
const SubmitJob = schemas/* strictObject */.rej({ ...runSettings, test_path: TestPath });
const count = schemas/* int */.Whr().min(0);
const Counts = schemas/* object */.Ikc({
    waiting: count,
    queued: count,
    scheduled: count,
    running: count,
    passed: count,
    failed: count,
    errored: count,
    cancelled: count,
    flaky: count.describe('A part of passed'),
});
const Run = schemas/* object */.Ikc({
    run_id: schemas/* string */.YjP(),
    org_id: OrgId,
    app_version_id: AppVersionId,
    status: schemas/* enum */.k5n(states/* runStatuses */.sL),
    conclusion: schemas/* enum */.k5n(states/* conclusions */.fy).nullable(),
    reason: schemas/* enum */.k5n(states/* runReasons */.jA).nullable(),
    counts: Counts,
    installs: schemas/* int */.Whr(),
    installs_saved: schemas/* int */.Whr(),
    retry_of: schemas/* string */.YjP().nullable(),
    submitted_at: Instant,
    started_at: Instant.nullable(),
    finished_at: Instant.nullable(),
    metadata: schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* string */.YjP()),
    report_by: schemas/* enum */.k5n(['server', 'action']),
    url: schemas/* string */.YjP(),
    rev: schemas/* int */.Whr(),
});
const SubmitAnswer = schemas/* object */.Ikc({
    run: Run,
    jobs: schemas/* array */.YOg(Job),
    warnings: schemas/* array */.YOg(schemas/* string */.YjP())
        .optional()
        .describe('What the submitter should know though the run was taken: a target that no device offers yet'),
});
const RunWithJobs = Run.extend({
    jobs: schemas/* array */.YOg(Job).describe('Those whose rev is above after_rev, in order of rev, 500 at most'),
    more: schemas/* boolean */.zMY().optional(),
});
const RunFilters = schemas/* strictObject */.rej({
    ...Page,
    org_id: OrgId.optional(),
    status: schemas/* enum */.k5n([...states/* runStatuses */.sL, 'completed']).optional(),
    app_version_id: AppVersionId.optional(),
});
const RunList = schemas/* object */.Ikc({ runs: schemas/* array */.YOg(Run), next_cursor: NextCursor });
const RetryBody = schemas/* strictObject */.rej({ only: schemas/* enum */.k5n(['all', 'failed']).optional() });

;// CONCATENATED MODULE: ./build/protocol/shapes/admin.js




const CreateOrg = schemas/* strictObject */.rej({
    org_id: OrgId,
    weight: schemas/* number */.aig().positive().max(1000).optional(),
    max_leases: schemas/* int */.Whr().min(0).max(100_000).optional().describe('Live leases at once; absent: no cap'),
});
const Org = schemas/* object */.Ikc({
    org_id: OrgId,
    weight: schemas/* number */.aig(),
    max_leases: schemas/* int */.Whr().nullable(),
    paused: schemas/* boolean */.zMY(),
    paused_targets: schemas/* array */.YOg(schemas/* string */.YjP()).describe('Targets on which none of its jobs starts'),
    created_at: Instant,
});
/** Switches of an org; what is left out stays as it is. */
const PatchOrg = someOf({
    paused: schemas/* boolean */.zMY().optional().describe('True: no new lease for its jobs; those that run go on'),
    paused_targets: schemas/* array */.YOg(Target)
        .max(100)
        .optional()
        .describe('The targets on which none of its jobs gets a new lease, in place of those before'),
    weight: CreateOrg.shape.weight,
    max_leases: CreateOrg.shape.max_leases
        .unwrap()
        .nullable()
        .optional()
        .describe('Live leases at once; null: no cap'),
});
const OrgPageQuery = schemas/* strictObject */.rej({ limit: Page.limit, cursor: Page.cursor });
const OrgList = schemas/* object */.Ikc({ orgs: schemas/* array */.YOg(Org), next_cursor: NextCursor });
const CreateToken = schemas/* strictObject */.rej({
    name: Name,
    org_id: OrgId.optional(),
    scopes: schemas/* array */.YOg(schemas/* enum */.k5n(states/* scopes */.Wu)).min(1, 'name at least one scope').max(states/* scopes */.Wu.length),
    shared: schemas/* boolean */.zMY().optional().describe('An agent token without an org: operator only'),
    expires_in_days: schemas/* int */.Whr().min(1).max(3650).optional(),
});
const Token = schemas/* object */.Ikc({
    token_id: schemas/* string */.YjP(),
    name: schemas/* string */.YjP(),
    org_id: OrgId.nullable(),
    scopes: schemas/* array */.YOg(schemas/* enum */.k5n(['operator', ...states/* scopes */.Wu])),
    shared: schemas/* boolean */.zMY(),
    created_at: Instant,
    expires_at: Instant.nullable(),
    last_used_at: Instant.nullable(),
});
const TokenPageQuery = OrgPageQuery.extend({ org_id: OrgId.optional() });
const TokenList = schemas/* object */.Ikc({ tokens: schemas/* array */.YOg(Token), next_cursor: NextCursor });
/** The only answer that ever holds the token itself. */
const CreatedToken = schemas/* object */.Ikc({
    token_id: schemas/* string */.YjP(),
    token: schemas/* string */.YjP(),
    org_id: OrgId.nullable(),
    scopes: Token.shape.scopes,
    expires_at: Instant.nullable(),
});
const Stats = schemas/* object */.Ikc({
    jobs: Counts,
    runs_active: schemas/* int */.Whr(),
    agents_online: schemas/* int */.Whr(),
    devices: schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* int */.Whr()),
    leases_active: schemas/* int */.Whr(),
});
const Health = schemas/* object */.Ikc({ status: schemas/* enum */.k5n(['ok', 'unavailable']), version: schemas/* string */.YjP() });
const HealthDetailed = Health.extend({
    uptime_ms: schemas/* int */.Whr(),
    database: schemas/* object */.Ikc({ status: schemas/* enum */.k5n(['ok', 'unavailable']), error: schemas/* string */.YjP().optional() }),
    loops: schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* object */.Ikc({ last_run_at: Instant.nullable(), last_error: schemas/* string */.YjP().nullable() })),
});

// EXTERNAL MODULE: ./build/protocol/errors.js
var errors = __webpack_require__(2546);
;// CONCATENATED MODULE: ./build/protocol/shapes/agent.js








const BootId = schemas/* string */.YjP().regex(/^[A-Za-z0-9_-]{8,64}$/, 'boot_id must be 8 to 64 of A-Z a-z 0-9 _ -');
const LeaseId = schemas/* string */.YjP().regex(leaseIdPattern, 'lease_id must be 8 to 64 of A-Z a-z 0-9 _ -');
const Installed = schemas/* strictObject */.rej({ org_id: OrgId, app_version_id: AppVersionId });
const DeviceOffer = schemas/* strictObject */.rej({
    name: Name,
    target: Target,
    platform: schemas/* string */.YjP().max(50).optional(),
    os_version: schemas/* string */.YjP().max(50).optional(),
    labels: schemas/* record */.g1P(schemas/* string */.YjP().max(100), schemas/* string */.YjP().max(200))
        .refine((given) => Object.keys(given).length <= 100, 'at most 100 labels')
        .optional(),
    installed: Installed.optional(),
});
const RegisterAgent = schemas/* strictObject */.rej({
    name: Name,
    boot_id: BootId,
    version: schemas/* string */.YjP().max(50),
    devices: schemas/* array */.YOg(DeviceOffer).max(200),
})
    .refine((body) => new Set(body.devices.map((device) => device.name)).size === body.devices.length, {
    path: ['devices'],
    message: 'two devices have the same name',
});
const Registered = schemas/* object */.Ikc({
    agent_id: schemas/* string */.YjP(),
    devices: schemas/* array */.YOg(schemas/* object */.Ikc({ device_id: schemas/* string */.YjP(), name: schemas/* string */.YjP() })),
    lease_ttl_ms: Ms,
    heartbeat_ms: Ms,
});
const TakeLease = schemas/* strictObject */.rej({
    lease_id: LeaseId,
    boot_id: BootId,
    device_id: schemas/* string */.YjP().max(100),
    wait_ms: schemas/* int */.Whr().min(0).max(limits/* limits */.F.holdMs).default(0),
    installed: Installed.nullable()
        .optional()
        .describe('Absent: as the server knows it; null: nothing is installed'),
});
/** A test path that cannot be is the agent's to reject: one bad row must not hold up the lease that it is in. */
const LeasedJob = Job.extend({
    test_path: schemas/* string */.YjP().max(4096),
    next_attempt: schemas/* int */.Whr(),
    timeout_ms: Ms,
});
const Lease = schemas/* object */.Ikc({
    lease_id: schemas/* string */.YjP(),
    org_id: OrgId,
    app_version_id: AppVersionId,
    target: Target,
    framework: FrameworkName.nullable(),
    app: schemas/* object */.Ikc({
        platform: schemas/* string */.YjP(),
        sha256: schemas/* string */.YjP().optional(),
        size: schemas/* int */.Whr().optional(),
        url: schemas/* string */.YjP().optional(),
        package_name: schemas/* string */.YjP().optional(),
    })
        .optional(),
    source: Source.optional(),
    install: schemas/* boolean */.zMY().describe('True: install first and say so with /installed'),
    expires_at: Instant,
    jobs: schemas/* array */.YOg(LeasedJob),
});
const Heartbeat = schemas/* strictObject */.rej({
    boot_id: BootId,
    leases: schemas/* array */.YOg(LeaseId).max(200),
    wait_ms: schemas/* int */.Whr().min(0).max(limits/* limits */.F.holdMs).default(0),
});
const HeartbeatAnswer = schemas/* object */.Ikc({
    leases: schemas/* array */.YOg(schemas/* object */.Ikc({
        lease_id: schemas/* string */.YjP(),
        status: schemas/* enum */.k5n(['active', 'lost']),
        expires_at: Instant.nullable(),
        cancel: schemas/* array */.YOg(schemas/* string */.YjP()),
    })),
    drain: schemas/* boolean */.zMY(),
});
const InstalledReport = schemas/* strictObject */.rej({
    ok: schemas/* boolean */.zMY(),
    duration_ms: Ms,
    installs: schemas/* int */.Whr().min(0).max(100).default(1),
    error_class: schemas/* enum */.k5n(['install_failed', 'build_error', 'capacity', 'infra_error']).optional(),
    error: schemas/* string */.YjP().max(20_000).optional(),
})
    .refine((body) => body.ok || body.error_class, {
    path: ['error_class'],
    message: 'an install that failed needs an error_class',
});
const StartJob = schemas/* strictObject */.rej({ attempt: schemas/* int */.Whr().min(1) });
const finishFields = {
    attempt: schemas/* int */.Whr().min(1),
    verdict: schemas/* enum */.k5n(states/* verdicts */.rY),
    error_class: schemas/* enum */.k5n(states/* errorClasses */.nU).exclude(['lost']).optional(),
    error: schemas/* string */.YjP().max(20_000).optional(),
    duration_ms: Ms,
    installs: schemas/* int */.Whr().min(0).max(1000).optional(),
    provider: Provider.optional(),
    tests: schemas/* array */.YOg(TestCase).max(limits/* limits */.F.testsPerReport).optional(),
    report: Report.optional().describe('What the report counted, where it lists more than `tests` may'),
};
const hasClassOfError = (body) => (body.verdict === 'error') === (body.error_class !== undefined);
const whyNoClass = {
    path: ['error_class'],
    message: 'error_class goes with the verdict error, and that verdict needs one',
};
/** What an attempt reports. `tests` may be missing only where the framework has no report. */
const FinishJob = schemas/* strictObject */.rej(finishFields).refine(hasClassOfError, whyNoClass);
/** Verdicts of one lease in one call; each is judged alone, as if it came by itself. */
const FinishJobs = schemas/* strictObject */.rej({
    jobs: schemas/* array */.YOg(schemas/* strictObject */.rej({ job_id: schemas/* string */.YjP().max(100), ...finishFields }).refine(hasClassOfError, whyNoClass))
        .min(1)
        .max(limits/* limits */.F.verdictsPerCall),
});
/** For each verdict, in order: the job's status as it is then, or why it was not taken. */
const FinishedJobs = schemas/* object */.Ikc({
    jobs: schemas/* array */.YOg(schemas/* object */.Ikc({
        job_id: schemas/* string */.YjP(),
        status: schemas/* enum */.k5n(states/* jobStatuses */.ub).nullable(),
        error: schemas/* object */.Ikc({ code: schemas/* enum */.k5n(errors/* errorCodes */.fv), message: schemas/* string */.YjP() }).nullable(),
    })),
});
const LogAppendQuery = schemas/* strictObject */.rej({
    attempt: queryInt(1, 1000),
    offset: queryInt(0, Number.MAX_SAFE_INTEGER),
});
/** The bytes of the attempt's log that the server has. */
const LogSize = schemas/* object */.Ikc({ size: schemas/* int */.Whr() });

;// CONCATENATED MODULE: ./build/protocol/shapes/artifact.js




const bytesOf = (text) => new TextEncoder().encode(text).length;
// Control characters, line ends of Unicode, and marks that turn the direction of writing: "gnp.exe" must not read as "exe.png".
const artifact_unseen = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const deviceOfWindows = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;
/** A part that ends in a dot or a space is `..` or something else where a file system drops them. */
const isPlainPart = (part) => part !== '' && !/[. ]$/.test(part);
/**
 * What an artifact is called: a relative path with `/` that leads out of no folder on any system, since people download
 * artifacts by their names. The server keeps the bytes under a key of its own.
 */
const ArtifactName = schemas/* string */.YjP()
    .min(1, 'must not be empty')
    .refine((name) => bytesOf(name) <= limits/* limits */.F.artifactNameBytes, `has at most ${limits/* limits */.F.artifactNameBytes} bytes`)
    .refine((name) => name.isWellFormed() && !artifact_unseen.test(name), 'must not hold control characters or what turns the direction of writing')
    .refine((name) => !name.includes('\\') && !/^[A-Za-z]:/.test(name) && name.split('/').every(isPlainPart), 'must be a relative path with / between folders, without .., \\ and empty parts, no part ending in a dot or a space')
    .refine((name) => !name.split('/').some((part) => deviceOfWindows.test(part)), 'must not hold a name that Windows keeps for devices, like con or nul');
const ArtifactUploadQuery = schemas/* strictObject */.rej({
    attempt: queryInt(1, 1000),
    sha256: schemas/* string */.YjP()
        .regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits, in lower case')
        .optional()
        .describe('Of the bytes; checked when given'),
});
const Artifact = schemas/* object */.Ikc({
    artifact_id: schemas/* string */.YjP(),
    job_id: schemas/* string */.YjP(),
    attempt: schemas/* int */.Whr(),
    name: schemas/* string */.YjP(),
    kind: schemas/* enum */.k5n(states/* artifactKinds */.YC),
    content_type: schemas/* string */.YjP(),
    size: schemas/* int */.Whr(),
    sha256: schemas/* string */.YjP(),
    url: schemas/* string */.YjP(),
});
const ArtifactPageQuery = schemas/* strictObject */.rej({ limit: Page.limit, cursor: Page.cursor });
const ArtifactList = schemas/* object */.Ikc({ artifacts: schemas/* array */.YOg(Artifact), next_cursor: NextCursor });

;// CONCATENATED MODULE: ./build/protocol/shapes/fleet.js




const Agent = schemas/* object */.Ikc({
    agent_id: schemas/* string */.YjP(),
    name: schemas/* string */.YjP(),
    version: schemas/* string */.YjP(),
    status: schemas/* enum */.k5n(['online', 'offline', 'draining']),
    devices: schemas/* array */.YOg(schemas/* string */.YjP()),
    last_seen_at: Instant,
    drain: schemas/* boolean */.zMY(),
});
const AgentList = schemas/* object */.Ikc({ agents: schemas/* array */.YOg(Agent), next_cursor: NextCursor });
const Device = schemas/* object */.Ikc({
    device_id: schemas/* string */.YjP(),
    agent_id: schemas/* string */.YjP(),
    name: schemas/* string */.YjP(),
    target: Target,
    owner: schemas/* string */.YjP().describe('The org whose jobs it serves, or shared'),
    status: schemas/* enum */.k5n(states/* deviceStatuses */.VY),
    status_reason: schemas/* string */.YjP().nullable().default(null).describe('Why it is benched, in words'),
    installed: Installed.nullable(),
    lease_id: schemas/* string */.YjP().nullable(),
    job_id: schemas/* string */.YjP().nullable(),
});
const DeviceList = schemas/* object */.Ikc({ devices: schemas/* array */.YOg(Device), next_cursor: NextCursor });
/** Switches of an agent; what is left out stays as it is. */
const PatchAgent = someOf({
    drain: schemas/* boolean */.zMY().optional().describe('True: no new lease, and what has not started is given back'),
    paused: schemas/* boolean */.zMY().optional().describe('For all its devices'),
});
const PatchDevice = someOf({
    paused: schemas/* boolean */.zMY().optional().describe('True: no new lease; the one it has goes on'),
});
const Group = schemas/* object */.Ikc({
    org_id: OrgId,
    app_version_id: AppVersionId,
    target: Target,
    queued: schemas/* int */.Whr(),
    running: schemas/* int */.Whr(),
    devices: schemas/* array */.YOg(schemas/* string */.YjP()),
    oldest_submitted_at: Instant.nullable(),
    priority: schemas/* int */.Whr().nullable(),
});
const GroupList = schemas/* object */.Ikc({ groups: schemas/* array */.YOg(Group), next_cursor: NextCursor });
const PageQuery = schemas/* strictObject */.rej({ ...Page, org_id: OrgId.optional() });

;// CONCATENATED MODULE: ./build/protocol/shapes/why.js



/** What keeps a job from starting now. */
const Block = schemas/* object */.Ikc({
    reason: schemas/* enum */.k5n(states/* blockReasons */.RB),
    message: schemas/* string */.YjP(),
    until: Instant.nullable().describe('When it ends by itself; null where somebody has to do something'),
});
/** Why a job has not started, by the numbers that the scheduler goes by. */
const Why = schemas/* object */.Ikc({
    job_id: schemas/* string */.YjP(),
    status: schemas/* enum */.k5n(states/* jobStatuses */.ub),
    position: schemas/* int */.Whr().nullable().describe('Its place in its pool, 1 is next; null unless it is queued'),
    blocked_by: schemas/* array */.YOg(Block),
    starts_in_ms: Ms.nullable().describe('Estimate until its start; null where it cannot be told'),
});

;// CONCATENATED MODULE: ./build/protocol/contracts.js









const OrgQuery = schemas/* strictObject */.rej({ org_id: OrgId.optional() });
/** The shapes of every route, in one table beside `routes`. */
const contracts = {
    submitRun: { body: SubmitRun, answer: SubmitAnswer, status: 201, otherStatus: 200 },
    submitJob: { body: SubmitJob, answer: Job, status: 201, otherStatus: 200 },
    listRuns: { query: RunFilters, answer: RunList, status: 200 },
    listJobs: { query: JobFilters, answer: JobList, status: 200 },
    getRun: { query: HoldQuery, answer: RunWithJobs, status: 200 },
    getJob: { query: HoldQuery, answer: Job, status: 200 },
    cancelRun: { answer: Run, status: 200 },
    cancelJob: { answer: Job, status: 200 },
    deleteJob: { answer: Job, status: 200 },
    retryRun: { body: RetryBody, answer: SubmitAnswer, status: 201, otherStatus: 200 },
    retryJob: { body: RetryBody, answer: SubmitAnswer, status: 201, otherStatus: 200 },
    explainJob: { answer: Why, status: 200 },
    listAttempts: { answer: AttemptList, status: 200 },
    readLogs: { query: LogQuery, answer: 'bytes', status: 200 },
    listArtifacts: { query: ArtifactPageQuery, answer: ArtifactList, status: 200 },
    getArtifact: { answer: 'bytes', status: 200, otherStatus: 206 },
    listDeadLetters: { query: PageQuery, answer: JobList, status: 200 },
    listGroups: { query: PageQuery, answer: GroupList, status: 200 },
    listDevices: { query: PageQuery, answer: DeviceList, status: 200 },
    listAgents: { query: PageQuery, answer: AgentList, status: 200 },
    patchAgent: { body: PatchAgent, answer: Agent, status: 200 },
    patchDevice: { body: PatchDevice, answer: Device, status: 200 },
    getStats: { query: OrgQuery, answer: Stats, status: 200 },
    createOrg: { body: CreateOrg, answer: Org, status: 201 },
    listOrgs: { query: OrgPageQuery, answer: OrgList, status: 200 },
    patchOrg: { body: PatchOrg, answer: Org, status: 200 },
    createToken: { body: CreateToken, answer: CreatedToken, status: 201 },
    listTokens: { query: TokenPageQuery, answer: TokenList, status: 200 },
    deleteToken: { answer: 'none', status: 204 },
    registerAgent: { body: RegisterAgent, answer: Registered, status: 200 },
    takeLease: { body: TakeLease, answer: Lease, status: 200, mayBeEmpty: true },
    heartbeat: { body: Heartbeat, answer: HeartbeatAnswer, status: 200 },
    reportInstalled: { body: InstalledReport, answer: 'none', status: 204 },
    startJob: { body: StartJob, answer: Job, status: 200 },
    finishJob: { body: FinishJob, answer: Job, status: 200 },
    finishJobs: { body: FinishJobs, answer: FinishedJobs, status: 200 },
    releaseLease: { answer: 'none', status: 204 },
    appendLogs: { query: LogAppendQuery, body: 'bytes', answer: LogSize, status: 200 },
    uploadArtifact: { query: ArtifactUploadQuery, body: 'stream', answer: Artifact, status: 200 },
    health: { answer: Health, status: 200, otherStatus: 503 },
    healthLive: { answer: Health, status: 200 },
    healthReady: { answer: Health, status: 200, otherStatus: 503 },
    healthDetailed: { answer: HealthDetailed, status: 200 },
};

// EXTERNAL MODULE: ./build/protocol/routes.js
var routes = __webpack_require__(203);
// EXTERNAL MODULE: ./node_modules/zod/v4/classic/parse.js + 1 modules
var parse = __webpack_require__(3852);
;// CONCATENATED MODULE: ./build/client/find-bad-item.js

// Fewer than these are looked at together.
const few = 64;
/**
 * The first bad issue within the long lists of a value, item by item. A shape that is held against a whole value gathers
 * every issue: a million items that are none would cost gigabytes before anything is said.
 */
function findBadItem(shape, value, isBad) {
    if (typeof value !== 'object' || value === null)
        return undefined;
    for (const [part, item, isOneOfMany] of partsOf(unwrap(shape), value)) {
        const inner = findBadItem(part, item, isBad);
        const bad = inner ?? (isOneOfMany ? firstBad(part, item, isBad) : undefined);
        if (bad)
            return bad;
    }
    return undefined;
}
function* partsOf(shape, value) {
    if (shape instanceof schemas/* ZodArray */.naA && Array.isArray(value)) {
        for (const item of value)
            yield [shape.element, item, value.length > few];
    }
    else if (shape instanceof schemas/* ZodRecord */.b8S) {
        const items = Object.values(value);
        for (const item of items)
            yield [shape.valueType, item, items.length > few];
    }
    else if (shape instanceof schemas/* ZodObject */.bvH) {
        for (const [name, field] of Object.entries(shape.shape)) {
            if (Object.hasOwn(value, name))
                yield [field, value[name], false];
        }
    }
}
function unwrap(shape) {
    const isWrapped = shape instanceof schemas/* ZodOptional */.IiU || shape instanceof schemas/* ZodNullable */.l1C || shape instanceof schemas/* ZodDefault */.XiL;
    return isWrapped ? unwrap(shape.unwrap()) : shape;
}
function firstBad(shape, item, isBad) {
    return parse/* safeParse */.xL(shape, item, { reportInput: true }).error?.issues.find(isBad);
}

// EXTERNAL MODULE: ./build/client/foreign-answer.js
var foreign_answer = __webpack_require__(5193);
;// CONCATENATED MODULE: ./build/client/check-answer.js




/** Holds a success against the route's contract. */
function checkAnswer(name, received) {
    const { status, otherStatus, answer, mayBeEmpty } = contracts[name];
    if (received.status === 204) {
        return answer === 'none' || mayBeEmpty ? { value: undefined } : { why: 'an empty answer' };
    }
    if (received.status !== status && received.status !== otherStatus) {
        return { why: `not the status ${status} of this call` };
    }
    if (received.isCut)
        return { why: 'too long' };
    if (answer === 'none')
        return { why: 'an answer to a call that has none' };
    if (answer === 'bytes')
        return checkBytes(name, received);
    const json = (0,foreign_answer/* parseJson */.qF)(received.bytes);
    return json === undefined ? { why: 'no JSON' } : checkShape(answer, json, routes/* routes */.JZ[name].scope === 'agent');
}
/** Bytes of a test may look like anything, so their headers tell whose they are. */
function checkBytes(name, { headers, bytes }) {
    const type = headers.get('content-type') ?? '';
    const isOurs = name === 'readLogs'
        ? /^text\/plain\b/i.test(type)
        : // A page may be an artifact too. Ours go by the hash of their bytes.
            !/\bhtml\b/i.test(type) || /^(?:W\/)?"[0-9a-f]{64}"$/.test(headers.get('etag') ?? '');
    return isOurs ? { value: bytes } : { why: `bytes of the type ${type || 'none'}` };
}
/**
 * The fields and their types must be the contract's. A newer server may have more fields, and more words where there is
 * a list of them: those come through, and whoever meets such a word takes it for nothing good. What a text says is held
 * against the rules for texts only where an agent acts on it: a reader must still see rows of a server with other rules.
 * A test path that an agent cannot run costs its own job alone, so that is left to the agent.
 */
function checkShape(shape, value, isStrict) {
    const isBad = (issue) => !isNewer(issue) && !(isRule(issue) && (!isStrict || isTestPath(issue)));
    const early = findBadItem(shape, value, isBad);
    if (early)
        return { why: describe(early) };
    const parsed = shape.safeParse(value, { reportInput: true });
    if (parsed.success)
        return { value: parsed.data };
    const bad = parsed.error.issues.find(isBad);
    return bad ? { why: describe(bad) } : { value };
}
const isTestPath = ({ path }) => path.at(-1) === 'test_path';
/** Shorter than any text that could be more than a word. */
const isWord = (value) => typeof value === 'string' && /^[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*$/i.test(value) && value.length <= 50;
function isNewer(issue) {
    if (issue.code === 'unrecognized_keys')
        return true;
    if (issue.code === 'invalid_value')
        return isWord(issue.input);
    if (issue.code !== 'invalid_union')
        return false;
    const { discriminator, input } = issue;
    return (discriminator !== undefined && isWord(input?.[discriminator]));
}
const rules = ['invalid_format', 'too_big', 'too_small', 'custom'];
const isRule = (issue) => rules.includes(issue.code);
const describe = ({ path, message }) => `${path.length === 0 ? '' : `${path.map(String).join('.')}: `}${message}`;


/***/ })

};
