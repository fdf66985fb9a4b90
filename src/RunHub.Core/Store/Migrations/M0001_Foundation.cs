using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace RunHub.Store.Migrations;

/// <summary>
/// The foundation's tables. Written as SQL because the layout on disk is the point: child tables are clustered by
/// <c>run_no</c>, and the list indexes end in <c>(sort_at, run_no)</c>. What differs between the engines is in
/// <see cref="SchemaSql"/>. docs/performance.md says which filter uses which index.
/// </summary>
[DbContext(typeof(HubDbContext))]
[Migration("202611200001_Foundation")]
public sealed class M0001Foundation : Migration
{
    /// <inheritdoc/>
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        var sql = new SchemaSql(ActiveProvider!);
        sql.Run(migrationBuilder,
        [
            """
            CREATE TABLE tenants (
              tenant_no {identity}, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, created_at {long} NOT NULL,
              next_run {long} NOT NULL DEFAULT 1, settings TEXT NULL)
            """,
            """
            CREATE TABLE users (
              user_no {identity}, email TEXT NOT NULL UNIQUE, name TEXT NOT NULL, password_hash TEXT NULL,
              is_admin {long} NOT NULL DEFAULT 0, language TEXT NULL, theme TEXT NULL, stamp TEXT NOT NULL,
              created_at {long} NOT NULL, last_seen_at {long} NULL, disabled_at {long} NULL)
            """,
            """
            CREATE TABLE memberships (
              user_no {long} NOT NULL, tenant_no {long} NOT NULL, role {long} NOT NULL,
              PRIMARY KEY (user_no, tenant_no)) {clustered}
            """,
            """
            CREATE TABLE api_keys (
              key_no {identity}, tenant_no {long} NOT NULL, name TEXT NOT NULL, prefix TEXT NOT NULL, hash TEXT NOT NULL UNIQUE,
              scopes {long} NOT NULL, is_admin {long} NOT NULL DEFAULT 0, created_by TEXT NOT NULL, created_at {long} NOT NULL,
              expires_at {long} NULL, last_used_at {long} NULL, revoked_at {long} NULL)
            """,
            """
            CREATE TABLE runs (
              run_no {long} NOT NULL PRIMARY KEY, tenant_no {long} NOT NULL, id TEXT NOT NULL, name TEXT NULL, type TEXT NOT NULL,
              workflow_name TEXT NOT NULL, workflow_version TEXT NULL, environment TEXT NOT NULL,
              status {long} NOT NULL, lane {long} NOT NULL, lane_status {long} NOT NULL, sort_at {long} NOT NULL,
              created_at {long} NOT NULL, updated_at {long} NOT NULL, started_at {long} NULL, completed_at {long} NULL,
              duration_ms {long} NULL, actor TEXT NULL, hitl TEXT NULL, trigger TEXT NULL, started_by TEXT NULL, owner TEXT NULL,
              business_event_id TEXT NULL, lead_id TEXT NULL, batch_id TEXT NULL, thread_id TEXT NULL, agent_id TEXT NULL,
              trace_id TEXT NULL, parent_run_id TEXT NULL, root_run_id TEXT NULL, attempt {long} NULL, progress {real} NULL,
              tokens {long} NULL, compute_ms {long} NULL, cost_nano {long} NULL, error_code TEXT NULL, error_class TEXT NULL,
              error_message TEXT NULL, error_step_id TEXT NULL, failed_node TEXT NULL, models TEXT NULL, tags TEXT NULL,
              first_pass_success {long} NULL, accuracy {real} NULL, throughput_delta {real} NULL,
              customer_experience_index {real} NULL, time_to_feature {long} NULL, resolved TEXT NULL, flags {long} NOT NULL,
              step_count {long} NOT NULL, failed_steps {long} NOT NULL, retries {long} NOT NULL,
              next_chunk {long} NOT NULL, next_ord {long} NOT NULL, inputs_at {long} NULL, inputs_len {long} NULL,
              outputs_at {long} NULL, outputs_len {long} NULL, extra_at {long} NULL, extra_len {long} NULL)
            """,
            "CREATE UNIQUE INDEX ux_runs_id ON runs (tenant_no, id)",
            "CREATE INDEX ix_runs_sort ON runs (tenant_no, lane, sort_at{, run_no})",
            "CREATE INDEX ix_runs_status ON runs (tenant_no, lane_status, sort_at{, run_no})",
            "CREATE INDEX ix_runs_workflow ON runs (tenant_no, workflow_name, lane_status, sort_at{, run_no})",
            "CREATE INDEX ix_runs_type ON runs (tenant_no, type, lane_status, sort_at{, run_no})",
            "CREATE INDEX ix_runs_environment ON runs (tenant_no, environment, lane_status, sort_at{, run_no})",
            "CREATE INDEX ix_runs_business_event ON runs (tenant_no, business_event_id, sort_at{, run_no}) WHERE business_event_id IS NOT NULL",
            "CREATE INDEX ix_runs_lead ON runs (tenant_no, lead_id, sort_at{, run_no}) WHERE lead_id IS NOT NULL",
            "CREATE INDEX ix_runs_batch ON runs (tenant_no, batch_id, sort_at{, run_no}) WHERE batch_id IS NOT NULL",
            "CREATE INDEX ix_runs_thread ON runs (tenant_no, thread_id, sort_at{, run_no}) WHERE thread_id IS NOT NULL",
            "CREATE INDEX ix_runs_agent ON runs (tenant_no, agent_id, sort_at{, run_no}) WHERE agent_id IS NOT NULL",
            "CREATE INDEX ix_runs_trace ON runs (tenant_no, trace_id, sort_at{, run_no}) WHERE trace_id IS NOT NULL",
            "CREATE INDEX ix_runs_parent ON runs (tenant_no, parent_run_id, sort_at{, run_no}) WHERE parent_run_id IS NOT NULL",
            """
            CREATE TABLE steps (
              run_no {long} NOT NULL, id TEXT NOT NULL, ord {long} NOT NULL, name TEXT NOT NULL, type {long} NOT NULL,
              node_id TEXT NULL, label TEXT NULL, parent_step_id TEXT NULL, status {long} NOT NULL,
              started_at {long} NULL, completed_at {long} NULL, duration_ms {long} NULL, retries {long} NOT NULL,
              model TEXT NULL, tool TEXT NULL, endpoint TEXT NULL, tokens {long} NULL, tokens_in {long} NULL, tokens_out {long} NULL,
              compute_ms {long} NULL, cost_nano {long} NULL, span_id TEXT NULL, error_code TEXT NULL, error_class TEXT NULL,
              error_message TEXT NULL, validation_passed {long} NULL, validation_score {real} NULL,
              input_at {long} NULL, input_len {long} NULL, output_at {long} NULL, output_len {long} NULL,
              extra_at {long} NULL, extra_len {long} NULL,
              PRIMARY KEY (run_no, id)) {clustered}
            """,
            """
            CREATE TABLE payloads (
              run_no {long} NOT NULL, chunk {long} NOT NULL, codec {long} NOT NULL, raw_len {long} NOT NULL, data {blob} NOT NULL,
              PRIMARY KEY (run_no, chunk))
            """,
            """
            CREATE TABLE run_tags (
              tenant_no {long} NOT NULL, tag TEXT NOT NULL, sort_at {long} NOT NULL, run_no {long} NOT NULL,
              PRIMARY KEY (tenant_no, tag, sort_at, run_no)) {clustered}
            """,
            """
            CREATE TABLE annotations (
              run_no {long} NOT NULL, id TEXT NOT NULL, step_id TEXT NULL, author TEXT NOT NULL, note TEXT NOT NULL, at {long} NOT NULL,
              PRIMARY KEY (run_no, id)) {clustered}
            """,
            """
            CREATE TABLE events (
              seq {identity}, tenant_no {long} NOT NULL, run_no {long} NOT NULL, type {long} NOT NULL, at {long} NOT NULL, data TEXT NOT NULL)
            """,
            "CREATE INDEX ix_events_run ON events (run_no, seq)",
            """
            CREATE TABLE rollup_deltas (
              seq {identity}, kind {long} NOT NULL, tenant_no {long} NOT NULL, hour {long} NOT NULL, lane {long} NOT NULL, type TEXT NOT NULL, workflow_name TEXT NOT NULL,
              workflow_version TEXT NOT NULL, environment TEXT NOT NULL, trigger TEXT NOT NULL,
              step_name TEXT NOT NULL, step_type {long} NOT NULL, model TEXT NOT NULL, data {blob} NOT NULL)
            """,
            """
            CREATE TABLE run_rollups (
              tenant_no {long} NOT NULL, hour {long} NOT NULL, lane {long} NOT NULL, type TEXT NOT NULL, workflow_name TEXT NOT NULL,
              workflow_version TEXT NOT NULL, environment TEXT NOT NULL, trigger TEXT NOT NULL,
              data {blob} NOT NULL, PRIMARY KEY (tenant_no, hour, lane, type, workflow_name, workflow_version, environment, trigger)) {clustered}
            """,
            """
            CREATE TABLE step_rollups (
              tenant_no {long} NOT NULL, hour {long} NOT NULL, lane {long} NOT NULL, type TEXT NOT NULL, workflow_name TEXT NOT NULL,
              workflow_version TEXT NOT NULL, environment TEXT NOT NULL, trigger TEXT NOT NULL,
              step_name TEXT NOT NULL, step_type {long} NOT NULL, model TEXT NOT NULL,
              data {blob} NOT NULL, PRIMARY KEY (tenant_no, hour, lane, type, workflow_name, workflow_version, environment, trigger, step_name, step_type, model)) {clustered}
            """,
            """
            CREATE TABLE audit (
              seq {identity}, tenant_no {long} NULL, at {long} NOT NULL, actor_kind TEXT NOT NULL, actor TEXT NOT NULL,
              action TEXT NOT NULL, target_type TEXT NOT NULL, target TEXT NOT NULL, detail TEXT NULL)
            """,
            "CREATE INDEX ix_audit_tenant ON audit (tenant_no, seq)",
            """
            CREATE TABLE idempotency_keys (
              caller TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, status {long} NOT NULL, body {blob} NOT NULL,
              created_at {long} NOT NULL, PRIMARY KEY (caller, key)) {clustered}
            """,
            "CREATE INDEX ix_idempotency_keys_created ON idempotency_keys (created_at)",
            "CREATE TABLE plugin_states (plugin_id TEXT NOT NULL PRIMARY KEY, enabled {long} NOT NULL, reason TEXT NULL, settings TEXT NULL, updated_at {long} NOT NULL) {clustered}",
            "CREATE TABLE data_keys (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL, created_at {long} NOT NULL) {clustered}",
        ]);
    }
}
