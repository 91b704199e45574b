-- The end of what a program said in a run that did not go well; secrets are taken out before.
ALTER TABLE run ADD COLUMN log TEXT;
