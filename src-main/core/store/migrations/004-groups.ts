/** Version 4: objects can belong to a named group; a group is there as long as something belongs to it. */
export const groupsSchema = 'ALTER TABLE objects ADD COLUMN group_name TEXT';
