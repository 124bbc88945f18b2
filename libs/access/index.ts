export { createAccess, DEFAULT_PROJECT, SESSION_DAYS, type Access } from './access.ts';
export { roleAllows, type Principal } from './principal.ts';
