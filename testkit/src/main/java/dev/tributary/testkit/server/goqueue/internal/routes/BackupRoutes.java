package dev.tributary.testkit.server.goqueue.internal.routes;

import dev.tributary.testkit.server.goqueue.internal.schemas.Backups;
import dev.tributary.testkit.server.goqueue.internal.store.TopicDetails;
import dev.tributary.testkit.server.internal.grpc.Steps;
import dev.tributary.testkit.server.internal.http.HttpCall;
import dev.tributary.testkit.server.internal.http.HttpReply;
import dev.tributary.testkit.server.internal.http.HttpRoutes;
import dev.tributary.vertx.internal.goqueue.wire.GoTime;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.CompletableFuture;

/** Backups, which are kept in memory. For administrators only. */
public final class BackupRoutes {
  private final Backups backups;
  private final ApiKeys keys;

  public BackupRoutes(Backups backups, ApiKeys keys) {
    this.backups = backups;
    this.keys = keys;
  }

  public void on(HttpRoutes routes) {
    AdminOnly admin = new AdminOnly(keys);
    routes
        .on("POST", "/admin/backup", admin.only(this::make))
        .on("GET", "/admin/backup", admin.only(this::list))
        .on("GET", "/admin/backup/{id}", admin.only(this::get))
        .on("DELETE", "/admin/backup/{id}", admin.only(this::delete))
        .on("POST", "/admin/backup/{id}/restore", admin.only(this::restore));
  }

  /** Without a body, of everything. */
  private CompletableFuture<HttpReply> make(HttpCall call) {
    boolean everything = call.content().length() == 0;
    JsonBody body = JsonBody.ofOptional(call);
    Backups.Parts parts =
        new Backups.Parts(
            body.flag("include_topics", everything),
            body.flag("include_offsets", everything),
            body.flag("include_schemas", everything),
            body.flag("include_config", everything));
    return Steps.map(backups.make(parts, call.deadline()), made -> JsonReply.ok(json(made)));
  }

  private CompletableFuture<HttpReply> list(HttpCall call) {
    JsonArray all = new JsonArray();
    backups.all().forEach(backup -> all.add(json(backup)));
    return JsonReply.now(new JsonObject().put("backups", all).put("count", all.size()));
  }

  private CompletableFuture<HttpReply> get(HttpCall call) {
    return JsonReply.now(json(backups.require(call.variable("id"))));
  }

  private CompletableFuture<HttpReply> delete(HttpCall call) {
    String id = call.variable("id");
    backups.delete(id);
    return JsonReply.now(new JsonObject().put("success", true).put("backup_id", id));
  }

  private CompletableFuture<HttpReply> restore(HttpCall call) {
    boolean skip = JsonBody.ofOptional(call).flag("skip_existing");
    Backups.Backup backup = backups.require(call.variable("id"));
    return Steps.map(
        backups.restore(backup, skip, call.deadline()),
        made -> JsonReply.ok(new JsonObject().put("success", true).put("backup_id", backup.id()).put("topics_created", made)));
  }

  private static JsonObject json(Backups.Backup backup) {
    return new JsonObject()
        .put("backup_id", backup.id())
        .put("timestamp", GoTime.seconds(backup.at()))
        .put("broker_id", TopicDetails.NODE)
        .put("cluster_id", "")
        .put(
            "stats",
            new JsonObject()
                .put("topics", backup.topics().size())
                .put("offsets", backup.offsets().size())
                .put("schemas", backup.schemas().size())
                .put("config", backup.mode() == null ? 0 : 1));
  }
}
