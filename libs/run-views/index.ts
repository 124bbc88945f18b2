export { createView, deleteView, listViews, updateView } from './run-views.ts';
