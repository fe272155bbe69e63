export { reportThreadHandlers } from './report-thread.ts';
