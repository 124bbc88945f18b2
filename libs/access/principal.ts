import { roles, type Role } from '#libs/contracts';

/** Who is calling: a key, whether it came as itself or by a session that was opened with it. */
export interface Principal {
  keyId: string;
  keyName: string;
  role: Role;
  /** Null: a key of the instance, which may work in every project. */
  projectId: string | null;
}

/** True where `role` may do what asks for `needed` at least. */
export const roleAllows = (role: Role, needed: Role): boolean =>
  roles.indexOf(role) >= roles.indexOf(needed);
