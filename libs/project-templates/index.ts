export {
  createTemplate,
  createTemplateVersion,
  deleteTemplate,
  getTemplate,
  listTemplates,
  restoreTemplate,
} from './project-templates.ts';
export { checkDataset, recommendFor } from './datasets.ts';
