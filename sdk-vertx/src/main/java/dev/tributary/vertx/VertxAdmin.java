package dev.tributary.vertx;

import dev.tributary.Admin;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.QueueUpdate;
import dev.tributary.admin.ResourceInfo;
import dev.tributary.admin.ResourceKind;
import dev.tributary.admin.Statistics;
import dev.tributary.admin.StreamConfig;
import io.vertx.core.Future;
import java.util.List;

/** {@link Admin} for verticles; see {@link VertxTributary}. */
public final class VertxAdmin {
  private final Contexts contexts;
  private final Admin admin;

  VertxAdmin(Contexts contexts, Admin admin) {
    this.contexts = contexts;
    this.admin = admin;
  }

  /** See {@link Admin#createStream}. */
  public Future<Void> createStream(String name, StreamConfig config) {
    return contexts.future(admin.createStream(name, config));
  }

  /** See {@link Admin#ensureStream}. */
  public Future<Boolean> ensureStream(String name, StreamConfig config) {
    return contexts.future(admin.ensureStream(name, config));
  }

  /** See {@link Admin#createQueue}. */
  public Future<Void> createQueue(String name, QueueConfig config) {
    return contexts.future(admin.createQueue(name, config));
  }

  /** See {@link Admin#ensureQueue}. */
  public Future<Boolean> ensureQueue(String name, QueueConfig config) {
    return contexts.future(admin.ensureQueue(name, config));
  }

  /** See {@link Admin#queueConfig}. */
  public Future<QueueConfig> queueConfig(String name) {
    return contexts.future(admin.queueConfig(name));
  }

  /** See {@link Admin#updateQueue}. */
  public Future<Void> updateQueue(String name, QueueUpdate update) {
    return contexts.future(admin.updateQueue(name, update));
  }

  /** See {@link Admin#createKeyValue}. */
  public Future<Void> createKeyValue(String name) {
    return contexts.future(admin.createKeyValue(name));
  }

  /** See {@link Admin#ensureKeyValue}. */
  public Future<Boolean> ensureKeyValue(String name) {
    return contexts.future(admin.ensureKeyValue(name));
  }

  /** See {@link Admin#delete}. */
  public Future<Void> delete(ResourceKind kind, String name) {
    return contexts.future(admin.delete(kind, name));
  }

  /** See {@link Admin#list}. */
  public Future<List<ResourceInfo>> list(ResourceKind kind) {
    return contexts.future(admin.list(kind));
  }

  /** See {@link Admin#statistics}. */
  public Future<Statistics> statistics() {
    return contexts.future(admin.statistics());
  }
}
