export { createAdmin, type Admin } from './admin.ts';
