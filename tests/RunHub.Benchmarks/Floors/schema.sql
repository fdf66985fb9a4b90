-- The schema of the floors. FROZEN: it does not follow the product's.
--
-- A ratio is worth something only while what it is measured against stays the same. Were this file to grow or shrink with
-- the product's tables, a slower product could still show the same ratio. It is S2's data model, stored in the plainest
-- way: 27 run columns, 6 indexes, 15 step columns, payloads inline as text. No events, no rollups, no compression.
-- Change it only together with every limit in docs/performance.md.

CREATE TABLE runs (
  run_no INTEGER PRIMARY KEY,
  tenant_no INTEGER NOT NULL,
  id TEXT NOT NULL,
  type TEXT NOT NULL,
  workflow_name TEXT NOT NULL,
  workflow_version TEXT,
  environment TEXT NOT NULL,
  status INTEGER NOT NULL,
  sort_at INTEGER NOT NULL,
  started_at INTEGER,
  completed_at INTEGER,
  duration_ms INTEGER,
  actor TEXT,
  hitl TEXT,
  business_event_id TEXT,
  inputs_summary TEXT,
  outputs_summary TEXT,
  first_pass_success INTEGER,
  accuracy REAL,
  throughput_delta REAL,
  trace_id TEXT,
  tokens INTEGER,
  compute_ms INTEGER,
  error_code TEXT,
  error_message TEXT,
  tags TEXT,
  annotations TEXT
);
CREATE UNIQUE INDEX ux_runs_id ON runs (tenant_no, id);
CREATE INDEX ix_runs_sort ON runs (tenant_no, sort_at, run_no);
CREATE INDEX ix_runs_status ON runs (tenant_no, status, sort_at, run_no);
CREATE INDEX ix_runs_workflow ON runs (tenant_no, workflow_name, sort_at, run_no);
CREATE INDEX ix_runs_type ON runs (tenant_no, type, sort_at, run_no);
CREATE INDEX ix_runs_environment ON runs (tenant_no, environment, sort_at, run_no);

-- step_no is run_no << 12 | position: a run's steps lie together without an index of their own.
CREATE TABLE steps (
  step_no INTEGER PRIMARY KEY,
  run_no INTEGER NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  type INTEGER NOT NULL,
  status INTEGER NOT NULL,
  started_at INTEGER,
  completed_at INTEGER,
  duration_ms INTEGER,
  retries INTEGER NOT NULL,
  model TEXT,
  tokens INTEGER,
  parameters TEXT,
  input TEXT,
  output TEXT
);
