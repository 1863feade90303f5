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
import dev.tributary.error.AlreadyExistsException;
import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
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
    return change("create stream", name, Capability.STREAMS, stream(config));
  }

  @Override
  public CompletableFuture<Boolean> ensureStream(String name, StreamConfig config) {
    return ensure("ensure stream", name, Capability.STREAMS, stream(config));
  }

  private static Change stream(StreamConfig config) {
    return (admin, stream) -> {
      StreamConfig checked = Checks.present("config", config);
      return deadline -> admin.createStream(stream, checked, deadline);
    };
  }

  @Override
  public CompletableFuture<Void> createQueue(String name, QueueConfig config) {
    return change("create queue", name, Capability.QUEUES, queue(config));
  }

  @Override
  public CompletableFuture<Boolean> ensureQueue(String name, QueueConfig config) {
    return ensure("ensure queue", name, Capability.QUEUES, queue(config));
  }

  private Change queue(QueueConfig config) {
    return (admin, queue) -> {
      QueueConfig given = Checks.present("config", config);
      QueueConfig checked = given.toBuilder().lease(calls.checks().lease(given.lease())).build();
      return deadline -> admin.createQueue(queue, checked, deadline);
    };
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
    return change("create key-value store", name, Capability.KEY_VALUE, keyValue());
  }

  @Override
  public CompletableFuture<Boolean> ensureKeyValue(String name) {
    return ensure("ensure key-value store", name, Capability.KEY_VALUE, keyValue());
  }

  private static Change keyValue() {
    return (admin, store) -> deadline -> admin.createKeyValue(store, deadline);
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

  /** What is done to a resource: checks it, and says how. */
  private interface Change extends BiFunction<AdminTransport, ResourceName, Function<Deadline, CompletableFuture<Void>>> {}

  /** Creating or deleting, which another time would fail because the first was applied. */
  private CompletableFuture<Void> change(String operation, String name, Capability kind, Change change) {
    return call(operation, name, kind, change, Calls.Repeat.UNLESS_APPLIED, Function.identity());
  }

  /** Creating what may be there: twice is the same as once. */
  private CompletableFuture<Boolean> ensure(String operation, String name, Capability kind, Change creation) {
    return call(
        operation,
        name,
        kind,
        creation,
        Calls.Repeat.SAFE,
        creating ->
            Steps.map(
                creating,
                made -> true,
                error -> {
                  if (error instanceof AlreadyExistsException) {
                    return false;
                  }
                  throw error;
                }));
  }

  private <R> CompletableFuture<R> call(
      String operation,
      String name,
      Capability kind,
      Change change,
      Calls.Repeat repeat,
      Function<CompletableFuture<Void>, CompletableFuture<R>> outcome) {
    return calls.checked(
        operation,
        name,
        () -> {
          ResourceName resource = names.apply(name);
          calls.checks().require(kind);
          Function<Deadline, CompletableFuture<Void>> attempt = change.apply(transport(Capability.CREATE_RESOURCES), resource);
          return calls.call(operation, resource, repeat, deadline -> outcome.apply(attempt.apply(deadline)));
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
