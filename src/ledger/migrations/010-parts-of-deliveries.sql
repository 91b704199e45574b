-- What was taken of a message that goes in several parts, and how often the other side answered that it cannot now.
ALTER TABLE delivery ADD COLUMN parts TEXT;
ALTER TABLE delivery ADD COLUMN refusals INTEGER;
