/** Every advisory lock of the system, in one place, so that no two things share one. */
export const advisoryLocks = {
  migrate: 7_305_101,
  reconcile: 7_305_102,
  adminKey: 7_305_103,
} as const;
