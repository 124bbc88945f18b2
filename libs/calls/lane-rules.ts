/**
 * How a lane is shared, as a function of what is known under its lock. Times are milliseconds of
 * PostgreSQL's clock since 1970.
 *
 * Pacing is GCRA (ITU-T I.371) without a burst: every slot stands one interval after the one before.
 * Concurrency is additive increase, multiplicative decrease (Chiu and Jain, 1989).
 */

/** What all processes know of a lane. */
export interface LaneState {
  nextRequestAt: number | undefined;
  nextTokenAt: number | undefined;
  blockedUntil: number | undefined;
  /** As far as it has adapted; undefined: nobody has complained. */
  concurrency: number | undefined;
  halvedAt: number | undefined;
}

/** What one process holds of a lane, and how much more it could use. */
export interface LaneHolder {
  holder: string;
  permits: number;
  inUse: number;
  wanted: number;
}

export interface LaneLimits {
  requestsPerMinute?: number | undefined;
  tokensPerMinute?: number | undefined;
  maxConcurrency?: number | undefined;
}

/** What a process has to say, and asks for. */
export interface LaneReport {
  limits: LaneLimits;
  inUse: number;
  waiting: number;
  /** Slots that it has and did not use. */
  heldSlots: number;
  /** The tokens of those of its waiters that have no slot, in their order. */
  slotsFor: readonly number[];
  /** Tokens that were used beyond what was reserved; less than nothing: reserved in vain. */
  tokenCorrection: number;
  successes: number;
  /** The other side said that these are too many: a call that began then, with as many in flight here. */
  complaint: { startedAt: number; inUse: number } | undefined;
  /** Nobody is to call for this long. */
  blockMs: number;
}

export interface Slot {
  at: number;
  tokens: number;
}

export interface LaneGrant {
  /** Calls that the process may have in flight; Infinity where nothing bounds them. */
  permits: number;
  slots: Slot[];
  /** When the next slot after these would be; undefined where the lane is not paced. */
  nextSlotAt: number | undefined;
  blockedUntil: number | undefined;
  /** Processes that use the lane. */
  processes: number;
}

const MINUTE_MS = 60_000;
/** The part of a limit that is used: the rest is for slots that are taken a little late. */
const USED_SHARE = 0.98;
/** Slots are given out no further ahead than this. */
export const HORIZON_MS = 1_000;
/** Nobody takes more than this much of the lane's time at once, so that others get theirs. */
const CHUNK_MS = 250;
/** Complaints this soon after a halving are about calls of before. */
const HALVE_AGAIN_MS = 1_000;
/** What does not divide evenly goes round at this pace. */
const ROTATE_MS = 1_000;

/** The pause between two requests. */
export const requestInterval = (requestsPerMinute: number): number =>
  MINUTE_MS / (requestsPerMinute * USED_SHARE);

/**
 * How long a call of that many tokens keeps others away. As many whole calls of its size as the limit
 * holds start in a minute, so that no minute of like calls holds more than the limit.
 */
export function tokenInterval(tokensPerMinute: number, tokens: number): number {
  if (tokens <= 0) return 0;
  const calls = (tokensPerMinute * USED_SHARE) / tokens;
  return MINUTE_MS / (calls >= 1 ? Math.floor(calls) : calls);
}

/** The time of one token, where tokens are counted one by one. */
export const tokenRateInterval = (tokensPerMinute: number): number =>
  MINUTE_MS / (tokensPerMinute * USED_SHARE);

/** What becomes of a lane when a process reports, and what the process gets. */
export function settleLane(
  before: LaneState,
  others: readonly LaneHolder[],
  holder: string,
  report: LaneReport,
  now: number,
): { state: LaneState; mine: LaneHolder; grant: LaneGrant } {
  const state = { ...before };
  const { limits } = report;

  adapt(state, others, report, now);
  const cap = limits.maxConcurrency ?? Infinity;
  const limit = Math.min(cap, whole(state.concurrency));

  const wanted = { holder, permits: 0, inUse: report.inUse, wanted: report.waiting };
  const permits = limit === Infinity ? Infinity : shareOf(wanted, others, limit, now);
  const mine = { ...wanted, permits: permits === Infinity ? report.inUse : permits };

  if (report.blockMs > 0) {
    state.blockedUntil = Math.max(state.blockedUntil ?? 0, now + report.blockMs);
  }
  if (state.blockedUntil !== undefined && state.blockedUntil <= now) state.blockedUntil = undefined;

  const slots = reserve(state, report, permits, now);
  const paced = limits.requestsPerMinute !== undefined || limits.tokensPerMinute !== undefined;
  return {
    state,
    mine,
    grant: {
      permits,
      slots,
      nextSlotAt: paced ? earliest(state, limits, now) : undefined,
      blockedUntil: state.blockedUntil,
      processes: others.filter((other) => other.inUse + other.wanted > 0).length + 1,
    },
  };
}

/** Doubles add up to a hair less than a whole number. */
const whole = (concurrency: number | undefined): number =>
  concurrency === undefined ? Infinity : Math.max(1, Math.floor(concurrency + 1e-6));

/** Up by one for every round of as many successes as the limit, down by half on a complaint. */
function adapt(
  state: LaneState,
  others: readonly LaneHolder[],
  { limits, successes, complaint, inUse }: LaneReport,
  now: number,
): void {
  if (state.concurrency !== undefined) {
    let concurrency = state.concurrency;
    for (let left = successes; left > 0;) {
      // Up to the next whole number a success counts alike, then a little less.
      const round = whole(concurrency);
      const step = Math.min(left, Math.max(1, Math.round((round + 1 - concurrency) * round)));
      concurrency += step / round;
      left -= step;
    }
    state.concurrency = concurrency;
  }
  if (complaint) {
    const halvedAt = state.halvedAt ?? -Infinity;
    if (complaint.startedAt > halvedAt && now - halvedAt >= HALVE_AGAIN_MS) {
      const inFlight =
        Math.max(complaint.inUse, inUse) + others.reduce((sum, other) => sum + other.inUse, 0);
      const limit = Math.min(limits.maxConcurrency ?? Infinity, whole(state.concurrency));
      state.concurrency = Math.max(1, Math.floor(Math.min(limit, inFlight) / 2));
      state.halvedAt = now;
    }
  }
  if (whole(state.concurrency) >= (limits.maxConcurrency ?? Infinity)) {
    state.concurrency = undefined;
  }
}

/** Max-min fair: who wants little gets it, the others share the rest; and never what others still hold. */
function shareOf(
  mine: LaneHolder,
  others: readonly LaneHolder[],
  limit: number,
  now: number,
): number {
  const demand = (one: LaneHolder): number => one.inUse + one.wanted;
  const all = [mine, ...others.filter((other) => demand(other) > 0)].sort((a, b) =>
    a.holder < b.holder ? -1 : 1,
  );
  const first = Math.floor(now / ROTATE_MS) % all.length;
  const turns = [...all.slice(first), ...all.slice(0, first)];
  const held = others.reduce((sum, other) => sum + Math.max(other.permits, other.inUse), 0);
  if (limit < all.length) {
    // Too few for everybody: each has its turn, however little it wants.
    const isMyTurn = turns.indexOf(mine) < limit && demand(mine) > 0;
    return Math.max(0, Math.min(isMyTurn ? 1 : 0, limit - held));
  }
  const inTurn = turns.sort((a, b) => demand(a) - demand(b));
  let left = limit;
  let fair = 0;
  inTurn.forEach((one, index) => {
    const given = Math.min(demand(one), Math.floor(left / (inTurn.length - index)));
    left -= given;
    if (one === mine) fair = given;
  });
  // What nobody wants now saves questions later.
  if (demand(mine) > 0) fair += Math.floor(left / all.length);
  return Math.max(0, Math.min(fair, limit - held));
}

const earliest = (state: LaneState, limits: LaneLimits, now: number): number =>
  Math.max(
    now,
    state.blockedUntil ?? 0,
    limits.requestsPerMinute === undefined ? 0 : (state.nextRequestAt ?? 0),
    limits.tokensPerMinute === undefined ? 0 : (state.nextTokenAt ?? 0),
  );

function reserve(state: LaneState, report: LaneReport, permits: number, now: number): Slot[] {
  const { requestsPerMinute, tokensPerMinute } = report.limits;
  if (tokensPerMinute !== undefined && report.tokenCorrection !== 0) {
    const moved = report.tokenCorrection * tokenRateInterval(tokensPerMinute);
    state.nextTokenAt = Math.max(state.nextTokenAt ?? now, now) + moved;
  }
  if (requestsPerMinute === undefined && tokensPerMinute === undefined) return [];

  const slots: Slot[] = [];
  const room = permits - report.inUse - report.heldSlots;
  const from = earliest(state, report.limits, now);
  for (const tokens of report.slotsFor) {
    if (slots.length >= room) break;
    const at = earliest(state, report.limits, now);
    if (at > now + HORIZON_MS || at > from + CHUNK_MS) break;
    slots.push({ at, tokens });
    if (requestsPerMinute !== undefined) {
      state.nextRequestAt = at + requestInterval(requestsPerMinute);
    }
    if (tokensPerMinute !== undefined) {
      state.nextTokenAt = at + tokenInterval(tokensPerMinute, tokens);
    }
  }
  return slots;
}
