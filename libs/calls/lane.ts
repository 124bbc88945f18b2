import type { Logger } from '#libs/config';
import type { CallLane } from '#libs/evaluation';
import type { DatabaseClock } from './clock.ts';
import {
  HORIZON_MS,
  requestInterval,
  tokenInterval,
  tokenRateInterval,
  type LaneReport,
  type Slot,
} from './lane-rules.ts';
import type { SettledReport } from './lane-table.ts';

/** While it is in use a lane is asked about at least this often: what others learned is known here then. */
const HEARTBEAT_MS = 200;
/** Questions are at least this far apart, so that waiters that come one by one share them. */
const TOGETHER_MS = 10;
/** The next question after one that failed. */
const AFTER_FAILURE_MS = 500;
/** A slot may be taken this late, or this part of its interval; later it is lost, or windows would overflow. */
const LATE_MS = 20;
const LATE_SHARE = 0.02;
/** At most this many slots in one question. */
const MAX_SLOTS = 500;

/** A call that waits to begin. */
export interface Admission {
  tokens: number;
  /** A longer wait is told at once, or as soon as it is known. */
  patienceMs: number | undefined;
  signal: AbortSignal;
}

/** What the other side made of a call. */
export type Outcome =
  | { kind: 'answered'; tokens: number | undefined }
  /** It wants less: fewer calls at once, no calls for a while, or both. */
  | { kind: 'refused'; tooMany: boolean; pauseMs: number }
  | { kind: 'other' };

/** The permission to make one call; `end` must be called exactly once. */
export interface Pass {
  /** Resolves when all who share the lane can know what was refused, or nobody can be told. */
  end(outcome: Outcome): Promise<void>;
}

/** One process's side of a lane: whom it lets through, by what it was granted. */
export interface Lane {
  /** @throws the signal's reason */
  admit(limits: CallLane, admission: Admission): Promise<Pass | { delayMs: number }>;
  gauges(): { inFlight: number; waiting: number };
  /** Turns away who waits. */
  close(reason: Error): void;
}

/** Where slots are given out as far as the horizon, some of it is free again a little later. */
const reserveFrom = (nextSlotAt: number): number => nextSlotAt - HORIZON_MS + HORIZON_MS / 10;

interface Waiter {
  tokens: number;
  deadline: number;
  patienceMs: number;
  enter(pass: Pass): void;
  turnAway(delayMs: number): void;
  fail(reason: unknown): void;
}

/**
 * Waiters go in their order when three things are there: a permit (calls in flight), a slot (the
 * lane's pace) and no block. Permits and slots come from PostgreSQL, several at a time; a slot belongs
 * to nobody until it is used, so that one whose waiter left serves the next.
 *
 * A block holds here at once. Other processes know of it by their next question, at most one heartbeat
 * later: until then they may go on beginning calls for which they have permits and, in a paced lane,
 * slots.
 */
export function createLane(deps: {
  clock: DatabaseClock;
  logger: Logger;
  report(report: LaneReport, leaving: boolean): Promise<SettledReport>;
  /** Nothing is in flight or waits, and the lane's share was given back. */
  onIdle(): void;
}): Lane {
  const { clock, logger } = deps;
  let limits: CallLane;
  const waiting: Waiter[] = [];
  let slots: Slot[] = [];
  let inFlight = 0;

  /** What the last answer said; until the first there are no permits. */
  let permits = 0;
  let processes = 1;
  let nextSlotAt = 0;
  let blockedUntil = 0;
  let isKnown = false;

  /** What the next question tells. */
  let tokenCorrection = 0;
  let successes = 0;
  let complaint: { startedAt: number; inUse: number } | undefined;
  let blockUntil = 0;
  let told: (() => void)[] = [];

  let isAsking = false;
  /** What was told to be in flight by the question under way. */
  let toldInUse = 0;
  let toldWaiting = 0;
  let askedAt = -Infinity;
  let notBefore = 0;
  let isUrgent = false;
  let reserveAt = 0;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const isPaced = (): boolean =>
    limits.requestsPerMinute !== undefined || limits.tokensPerMinute !== undefined;
  const interval = (tokens: number): number =>
    Math.max(
      limits.requestsPerMinute === undefined ? 0 : requestInterval(limits.requestsPerMinute),
      limits.tokensPerMinute === undefined ? 0 : tokenInterval(limits.tokensPerMinute, tokens),
    );
  /** While a question is under way, others may be given what it says is not in use. */
  const allowed = (): number =>
    permits !== Infinity && isAsking ? Math.min(permits, toldInUse) : permits;

  function pump(): void {
    if (isClosed) return;
    const now = performance.now();
    // A lost slot is not asked back: what it would have held cannot be made up for within the limit.
    slots = slots.filter(
      (slot) =>
        slot.at >= blockedUntil &&
        now - slot.at <= Math.max(LATE_MS, interval(slot.tokens) * LATE_SHARE),
    );
    const isOpen = isKnown && now >= blockedUntil;
    while (inFlight < allowed()) {
      const waiter = isOpen ? takeNext(now) : undefined;
      if (!waiter) break;
      inFlight += 1;
      waiter.enter(createPass(waiter.tokens, now));
    }
    arm(now);
  }

  /** Who goes now: the first, or with a slot of now the first whom it is large enough for. */
  function takeNext(now: number): Waiter | undefined {
    if (!isPaced()) return waiting.shift();
    for (let slot = slots[0]; slot && slot.at <= now && waiting.length > 0; slot = slots[0]) {
      slots.shift();
      const index = waiting.findIndex((waiter) => isLargeEnough(slot, waiter));
      const [waiter] = index < 0 ? [] : waiting.splice(index, 1);
      if (waiter) return waiter;
    }
    return undefined;
  }

  const isLargeEnough = (slot: Slot, waiter: Waiter): boolean =>
    limits.tokensPerMinute === undefined || waiter.tokens <= slot.tokens;

  /** The waiters that none of the slots is for, at most so many. */
  function withoutSlot(): Waiter[] {
    if (!isPaced()) return [];
    const left = [...slots];
    const lacking: Waiter[] = [];
    for (const waiter of waiting) {
      if (lacking.length === MAX_SLOTS) break;
      const index = left.findIndex((slot) => isLargeEnough(slot, waiter));
      if (index < 0) lacking.push(waiter);
      else left.splice(index, 1);
    }
    return lacking;
  }

  function createPass(tokens: number, startedAt: number): Pass {
    return {
      async end(outcome) {
        let heard: Promise<void> | undefined;
        if (outcome.kind === 'answered') {
          successes += 1;
          if (outcome.tokens !== undefined) correctTokens(outcome.tokens - tokens);
        } else if (outcome.kind === 'refused') {
          const now = performance.now();
          // Of several complaints the latest beginning decides whether they are about now.
          if (outcome.tooMany && (!complaint || complaint.startedAt < startedAt)) {
            complaint = { startedAt, inUse: Math.max(inFlight, complaint?.inUse ?? 0) };
          }
          if (outcome.pauseMs > 0) {
            blockUntil = Math.max(blockUntil, now + outcome.pauseMs);
            blockedUntil = Math.max(blockedUntil, blockUntil);
          }
          if (!isClosed) heard = new Promise((resolve) => told.push(resolve));
          isUrgent = true;
        }
        inFlight -= 1;
        // Others wait for what is held too much here.
        if (inFlight >= permits) isUrgent = true;
        pump();
        await heard;
      },
    };
  }

  /** What was used beyond what was reserved moves the next slot away, or nearer. */
  function correctTokens(tokens: number): void {
    tokenCorrection += tokens;
    if (limits.tokensPerMinute === undefined || tokens === 0) return;
    nextSlotAt += tokenRateInterval(limits.tokensPerMinute) * tokens;
    reserveAt = reserveFrom(nextSlotAt);
  }

  /** Slots that are lacking for those who could go. */
  const lacking = (): number =>
    isPaced() ? Math.min(waiting.length, permits - inFlight) - slots.length : 0;

  function arm(now: number): void {
    clearTimeout(timer);
    timer = undefined;
    const isActive = inFlight > 0 || waiting.length > 0;
    // Who waits for a refusal to be known is told before that.
    if (!isActive && !isKnown && !isAsking && told.length === 0) {
      leave();
      return;
    }
    if (!isAsking) {
      let due = Infinity;
      if ((isActive && !isKnown) || isUrgent) due = askedAt + TOGETHER_MS;
      else if (isKnown) {
        due = askedAt + HEARTBEAT_MS;
        // The first who waits for a permit; the others see it by the next heartbeat.
        if (waiting.length > 0 && inFlight >= permits && toldWaiting === 0)
          due = askedAt + TOGETHER_MS;
        if (lacking() > 0) due = Math.min(due, Math.max(reserveAt, askedAt + TOGETHER_MS));
      }
      if (complaint || blockUntil > now) due = now;
      due = Math.max(due, notBefore);
      if (due <= now) {
        void ask();
      } else if (due !== Infinity) {
        wake(due - now);
      }
    }
    const [slot] = slots;
    if (waiting.length > 0 && slot && slot.at > now) wake(slot.at - now);
    if (waiting.length > 0 && blockedUntil > now) wake(blockedUntil - now);
  }

  let wakeAt = Infinity;
  function wake(inMs: number): void {
    const at = performance.now() + inMs;
    if (timer && wakeAt <= at) return;
    clearTimeout(timer);
    wakeAt = at;
    timer = setTimeout(pump, inMs);
  }

  async function ask(): Promise<void> {
    isAsking = true;
    isUrgent = false;
    const now = performance.now();
    askedAt = now;
    const isLeaving = inFlight === 0 && waiting.length === 0;
    toldInUse = inFlight;
    toldWaiting = waiting.length;
    const lane: LaneReport = {
      limits,
      inUse: inFlight,
      waiting: waiting.length,
      heldSlots: slots.length,
      slotsFor: withoutSlot().map((waiter) => waiter.tokens),
      tokenCorrection,
      successes,
      complaint: complaint && { ...complaint, startedAt: clock.toDatabase(complaint.startedAt) },
      blockMs: Math.max(0, blockUntil - now),
    };
    const sent = { tokenCorrection, successes, complaint, blockUntil, told };
    tokenCorrection = 0;
    successes = 0;
    complaint = undefined;
    blockUntil = 0;
    told = [];
    try {
      const { grant, databaseTime, askedAt, answeredAt } = await deps.report(lane, isLeaving);
      clock.observe(databaseTime, askedAt, answeredAt);
      isKnown = !isLeaving;
      permits = grant.permits;
      processes = grant.processes;
      blockedUntil = Math.max(
        blockUntil,
        grant.blockedUntil === undefined ? 0 : clock.toLocal(grant.blockedUntil),
      );
      slots.push(...grant.slots.map(({ at, tokens }) => ({ at: clock.toLocal(at), tokens })));
      nextSlotAt = grant.nextSlotAt === undefined ? 0 : clock.toLocal(grant.nextSlotAt);
      reserveAt = reserveFrom(nextSlotAt);
      notBefore = 0;
    } catch (error) {
      logger.warn(
        { err: error },
        'shared limits could not be asked; who waits for them goes on waiting',
      );
      tokenCorrection += sent.tokenCorrection;
      successes += sent.successes;
      complaint ??= sent.complaint;
      blockUntil = Math.max(blockUntil, sent.blockUntil);
      notBefore = performance.now() + AFTER_FAILURE_MS;
    } finally {
      isAsking = false;
      for (const tell of sent.told) tell();
    }
    if (isLeaving && inFlight === 0 && waiting.length === 0 && told.length === 0) {
      leave();
      return;
    }
    turnAwayTheImpatient();
    pump();
  }

  function leave(): void {
    isClosed = true;
    clearTimeout(timer);
    deps.onIdle();
  }

  /** Milliseconds until a waiter's turn, as far as that can be told; how long calls take, nobody knows. */
  function waitOf(index: number, now: number): number {
    const blocked = Math.max(0, blockedUntil - now);
    const slot = slots[index];
    if (!isPaced()) return blocked;
    if (slot) return Math.max(blocked, slot.at - now);
    const behind = (index - slots.length) * interval(waiting[index]?.tokens ?? 0) * processes;
    return Math.max(blocked, nextSlotAt - now) + behind;
  }

  function turnAwayTheImpatient(): void {
    const now = performance.now();
    // From the end, since who is last waits longest.
    for (let index = waiting.length - 1; index >= 0; index -= 1) {
      const waiter = waiting[index];
      const wait = waitOf(index, now);
      if (!waiter || now + wait <= waiter.deadline) continue;
      waiting.splice(index, 1);
      waiter.turnAway(delayOf(waiter, wait));
    }
  }

  /** Back a little before its turn, so that no slot goes by while nobody waits. */
  const delayOf = (waiter: Waiter, wait: number): number =>
    Math.max(wait - waiter.patienceMs / 2, waiter.patienceMs / 2, 1);

  return {
    async admit(lane, { tokens, patienceMs = Infinity, signal }) {
      limits = lane;
      signal.throwIfAborted();
      let stop: () => void = () => {};
      try {
        return await new Promise<Pass | { delayMs: number }>((resolve, reject) => {
          const waiter: Waiter = {
            tokens,
            patienceMs,
            deadline: performance.now() + patienceMs,
            enter: resolve,
            turnAway: (delayMs) => resolve({ delayMs }),
            fail: reject,
          };
          const stepOut = (): number => {
            const index = waiting.indexOf(waiter);
            if (index >= 0) waiting.splice(index, 1);
            return index;
          };
          const onAbort = (): void => {
            if (stepOut() >= 0) reject(signal.reason);
          };
          signal.addEventListener('abort', onAbort, { once: true });
          let patience: NodeJS.Timeout | undefined;
          if (patienceMs !== Infinity) {
            patience = setTimeout(() => {
              const index = waiting.indexOf(waiter);
              if (index < 0) return;
              const wait = waitOf(index, performance.now());
              stepOut();
              waiter.turnAway(delayOf(waiter, wait));
            }, patienceMs);
          }
          stop = () => {
            signal.removeEventListener('abort', onAbort);
            clearTimeout(patience);
          };
          waiting.push(waiter);
          if (isKnown && patienceMs !== Infinity) turnAwayTheImpatient();
          pump();
        });
      } finally {
        stop();
      }
    },
    gauges: () => ({ inFlight, waiting: waiting.length }),
    close(reason) {
      isClosed = true;
      clearTimeout(timer);
      for (const tell of told.splice(0)) tell();
      for (const waiter of waiting.splice(0)) waiter.fail(reason);
    },
  };
}
