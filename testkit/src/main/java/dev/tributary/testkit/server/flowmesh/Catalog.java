package dev.tributary.testkit.server.flowmesh;

import dev.tributary.ResourceName;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.ResourceKind;
import dev.tributary.admin.StreamConfig;
import dev.tributary.error.AlreadyExistsException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.DeadLetterHeaders;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.KeyValueTransport;
import dev.tributary.spi.QueueTransport;
import dev.tributary.spi.SchemaTransport;
import dev.tributary.spi.Steps;
import dev.tributary.spi.StreamTransport;
import dev.tributary.spi.Transport;
import dev.tributary.testkit.server.internal.grpc.Rejection;
import dev.tributary.vertx.internal.flowmesh.proto.ResourcePath;
import io.vertx.grpc.common.GrpcStatus;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** The resources that are served: their paths on the wire, and their creation on first use. */
final class Catalog {
  private final Transport transport;
  private final boolean creates;

  Catalog(Transport transport, boolean creates) {
    this.transport = transport;
    this.creates = creates;
  }

  Transport transport() {
    return transport;
  }

  StreamTransport streams() {
    return role(transport.streams(), "streams");
  }

  QueueTransport queues() {
    return role(transport.queues(), "queues");
  }

  KeyValueTransport keyValues() {
    return role(transport.keyValues(), "key-value stores");
  }

  SchemaTransport schemas() {
    return role(transport.schemas(), "schemas");
  }

  AdminTransport admin() {
    return role(transport.admin(), "administration");
  }

  private <T> T role(Optional<T> role, String what) {
    return role.orElseThrow(() -> new Rejection(GrpcStatus.UNIMPLEMENTED, transport.backend() + " has no " + what));
  }

  /** Does something with a resource; if there is none, creates it and does it again, as far as that is wanted. */
  <T> CompletableFuture<T> use(ResourceKind kind, ResourceName name, Deadline deadline, Supplier<CompletableFuture<T>> operation) {
    return Steps.recover(
        operation.get(),
        NotFoundException.class,
        error -> {
          if (!creates || transport.admin().isEmpty()) {
            throw Rejection.notFound(text(kind) + " not found: " + path(kind, name));
          }
          return Steps.then(create(kind, name, deadline), created -> operation.get());
        });
  }

  /** Makes the queue of a queue's dead letters, which comes into being by itself. */
  CompletableFuture<Void> makeDeadLetters(ResourceName queue, Deadline deadline) {
    return transport.admin().isEmpty() || queue.name().endsWith(DeadLetterHeaders.QUEUE_SUFFIX)
        ? CompletableFuture.completedFuture(null)
        : create(ResourceKind.QUEUE, queue.withName(queue.name() + DeadLetterHeaders.QUEUE_SUFFIX), deadline);
  }

  /** A write to what is there, as the look at it says, and that finds something missing all the same, lacks the attached schema. */
  static <T> CompletableFuture<T> write(CompletableFuture<T> write, Supplier<? extends CompletableFuture<?>> look) {
    return Steps.otherwise(
        write,
        error -> {
          Rejection rejection = Errors.rejection(error);
          if (rejection.status() != GrpcStatus.NOT_FOUND) {
            throw rejection;
          }
          return Steps.map(
              look.get(),
              there -> {
                throw Rejection.internal("failed to get schema: " + rejection.getMessage());
              });
        });
  }

  private CompletableFuture<Void> create(ResourceKind kind, ResourceName name, Deadline deadline) {
    CompletableFuture<Void> creation =
        switch (kind) {
          case STREAM -> admin().createStream(name, StreamConfig.DEFAULT, deadline);
          case QUEUE -> admin().createQueue(name, NEW_QUEUE, deadline);
          case KEY_VALUE -> admin().createKeyValue(name, deadline);
        };
    return Steps.recover(creation, AlreadyExistsException.class, exists -> CompletableFuture.completedFuture(null));
  }

  private static final QueueConfig NEW_QUEUE = QueueConfig.builder().redelivery(RetryPolicies.DEFAULT).build();

  static void present(boolean there) {
    if (!there) {
      throw Rejection.invalid("resource_path is required");
    }
  }

  /** The name of a resource that must be of this kind. */
  static ResourceName name(ResourcePath path, ResourceKind kind) {
    ResourceName name = name(path);
    if (!path.getResourceType().equals(type(kind))) {
      throw Rejection.invalid("resource type must be " + type(kind) + ", not " + path.getResourceType());
    }
    return name;
  }

  /** The name of a resource of any kind. */
  static ResourceName name(ResourcePath path) {
    part("tenant", path.getTenant());
    part("namespace", path.getNamespace());
    part("resource type", path.getResourceType());
    part("name", path.getName());
    for (ResourceKind kind : ResourceKind.values()) {
      if (path.getResourceType().equals(type(kind))) {
        return name(path.getTenant(), path.getNamespace(), path.getName());
      }
    }
    throw Rejection.invalid("unknown resource type " + path.getResourceType());
  }

  static ResourceName name(String tenant, String namespace, String name) {
    try {
      return new ResourceName(tenant, namespace, name);
    } catch (InvalidRequestException narrower) {
      throw Rejection.invalid(narrower.getMessage());
    }
  }

  private static void part(String what, String value) {
    if (value.isBlank()) {
      throw Rejection.invalid(what + " is required");
    }
  }

  static String type(ResourceKind kind) {
    return switch (kind) {
      case STREAM -> "stream";
      case QUEUE -> "queue";
      case KEY_VALUE -> "kv";
    };
  }

  private static String text(ResourceKind kind) {
    return kind == ResourceKind.KEY_VALUE ? "KV store" : type(kind);
  }

  /** The form of a resource in answers. */
  static String path(ResourceKind kind, ResourceName name) {
    return name.tenant() + "/" + name.namespace() + "/" + type(kind) + "/" + name.name();
  }
}
