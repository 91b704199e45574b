-- Milliseconds of processor time.
ALTER TABLE reading ADD COLUMN cpu_ms DOUBLE PRECISION;
