package dev.tributary.internal;

import dev.tributary.Admin;
import dev.tributary.Capability;
import dev.tributary.ResourceName;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.QueueUpdate;
import dev.tributary.admin.ResourceInfo;
import dev.tributary.admin.ResourceKind;
import dev.tributary.admin.Statistics;
import dev.tributary.admin.StreamConfig;
import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.Deadline;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Administration, over the transport. */
final class AdminHandle implements Admin {
  private final Calls calls;
  private final Function<String, ResourceName> names;

  AdminHandle(Calls calls, Function<String, ResourceName> names) {
    this.calls = calls;
    this.names = names;
  }

  @Override
  public CompletableFuture<Void> createStream(String name, StreamConfig config) {
    return change(
        "create stream", name, Capability.STREAMS, (admin, stream) -> {
          StreamConfig checked = Checks.present("config", config);
          return deadline -> admin.createStream(stream, checked, deadline);
        });
  }

  @Override
  public CompletableFuture<Void> createQueue(String name, QueueConfig config) {
    return change(
        "create queue", name, Capability.QUEUES, (admin, queue) -> {
          QueueConfig given = Checks.present("config", config);
          QueueConfig checked = given.toBuilder().lease(calls.checks().lease(given.lease())).build();
          return deadline -> admin.createQueue(queue, checked, deadline);
        });
  }

  @Override
  public CompletableFuture<QueueConfig> queueConfig(String name) {
    return calls.checked(
        "get queue config",
        name,
        () -> {
          ResourceName queue = names.apply(name);
          calls.checks().require(Capability.QUEUES);
          AdminTransport admin = transport(Capability.QUEUE_SETTINGS);
          return calls.call("get queue config", queue, Calls.Repeat.SAFE, deadline -> admin.queueConfig(queue, deadline));
        });
  }

  @Override
  public CompletableFuture<Void> updateQueue(String name, QueueUpdate update) {
    return calls.checked(
        "update queue",
        name,
        () -> {
          ResourceName queue = names.apply(name);
          Duration lease = Checks.present("update", update).lease();
          if (lease != null) {
            calls.checks().lease(lease);
          }
          calls.checks().require(Capability.QUEUES);
          AdminTransport admin = transport(Capability.QUEUE_SETTINGS);
          // Twice is the same as once.
          return calls.call(
              "update queue", queue, Calls.Repeat.SAFE, deadline -> admin.updateQueue(queue, update, deadline));
        });
  }

  @Override
  public CompletableFuture<Void> createKeyValue(String name) {
    return change(
        "create key-value store", name, Capability.KEY_VALUE, (admin, store) -> deadline -> admin.createKeyValue(store, deadline));
  }

  @Override
  public CompletableFuture<Void> delete(ResourceKind kind, String name) {
    return calls.checked(
        "delete",
        name,
        () -> {
          Checks.present("kind", kind);
          return change("delete", name, of(kind), (admin, resource) -> deadline -> admin.delete(kind, resource, deadline));
        });
  }

  @Override
  public CompletableFuture<List<ResourceInfo>> list(ResourceKind kind) {
    return calls.checked(
        "list",
        null,
        () -> {
          Checks.present("kind", kind);
          calls.checks().require(of(kind));
          AdminTransport admin = transport(Capability.LIST_RESOURCES);
          return calls.call(
              "list",
              null,
              Calls.Repeat.SAFE,
              deadline -> admin.list(kind, deadline),
              found -> found.stream().sorted(Comparator.comparing(info -> info.name().toString())).toList());
        });
  }

  @Override
  public CompletableFuture<Statistics> statistics() {
    return calls.checked(
        "statistics",
        null,
        () -> {
          AdminTransport admin = transport(Capability.STATISTICS);
          return calls.call("statistics", null, Calls.Repeat.SAFE, admin::statistics);
        });
  }

  /** Creating or deleting, which another time would fail because the first was applied. */
  private CompletableFuture<Void> change(
      String operation,
      String name,
      Capability kind,
      BiFunction<AdminTransport, ResourceName, Function<Deadline, CompletableFuture<Void>>> attempt) {
    return calls.checked(
        operation,
        name,
        () -> {
          ResourceName resource = names.apply(name);
          calls.checks().require(kind);
          return calls.call(
              operation,
              resource,
              Calls.Repeat.UNLESS_APPLIED,
              attempt.apply(transport(Capability.CREATE_RESOURCES), resource));
        });
  }

  private AdminTransport transport(Capability needed) {
    calls.checks().require(needed);
    return calls.transport().admin().orElseThrow(() -> calls.checks().unsupported(needed));
  }

  static Capability of(ResourceKind kind) {
    return switch (kind) {
      case STREAM -> Capability.STREAMS;
      case QUEUE -> Capability.QUEUES;
      case KEY_VALUE -> Capability.KEY_VALUE;
    };
  }
}
