package dev.tributary.testkit.server.goqueue.internal.store;

import dev.tributary.Capability;
import dev.tributary.ResourceName;
import dev.tributary.admin.ResourceInfo;
import dev.tributary.admin.ResourceKind;
import dev.tributary.admin.StreamConfig;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.internal.driver.FlatNames;
import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.StreamTransport;
import dev.tributary.spi.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The topics there are: every stream of the transport. Others may make and delete streams too, so that what is known here is only what
 * was seen last, and forgotten as soon as it turns out to be wrong. Thread-safe.
 */
public final class Topics {
  /** What most routes say of a topic that is not there. */
  public static final String NOT_FOUND = "topic not found";

  /** Where streams are whose names say neither tenant nor namespace. */
  public static final String HOME = "default";

  private static final int LONGEST_NAME = 249;

  private final Transport transport;
  private final FlatNames names = new FlatNames(HOME, HOME, LONGEST_NAME).withDots();
  private final Map<String, Topic> known = new ConcurrentHashMap<>();
  private final List<Consumer<String>> onDelete = new CopyOnWriteArrayList<>();

  public Topics(Transport transport) {
    this.transport = transport;
  }

  /** Has this told of every topic, by its name, that is deleted here. */
  public void onDelete(Consumer<String> listener) {
    onDelete.add(listener);
  }

  public Transport transport() {
    return transport;
  }

  /** What names of the transport are called on this wire: of topics, and of what belongs to them. */
  public FlatNames names() {
    return names;
  }

  public StreamTransport streams() {
    return transport.streams().orElseThrow(() -> new Refusal(501, transport.backend() + " has no streams"));
  }

  public boolean can(Capability capability) {
    return transport.capabilities().contains(capability);
  }

  /** The topic; if there is none, a 404 of this text. */
  public CompletableFuture<Topic> find(String name, String missing, Deadline deadline) {
    Topic topic = known.get(name);
    return topic == null ? look(name, missing, deadline) : CompletableFuture.completedFuture(topic);
  }

  /** Does something with a topic that is there; if it is not, or not any more, a 404 of this text. */
  public <T> CompletableFuture<T> with(String name, String missing, Deadline deadline, Function<Topic, CompletableFuture<T>> operation) {
    return Steps.then(
        find(name, missing, deadline),
        topic ->
            Steps.translate(
                operation.apply(topic),
                Throwable.class,
                error -> {
                  doubt(topic, error);
                  return error instanceof NotFoundException ? Refusal.notFound(missing) : error;
                }));
  }

  /** Looks at a topic again that may have been deleted, or made anew with fewer partitions. */
  void doubt(Topic topic, @Nullable Throwable error) {
    if (error instanceof NotFoundException || error instanceof InvalidRequestException) {
      forget(topic);
    }
  }

  /** It is not as it was seen. */
  void forget(Topic topic) {
    known.remove(topic.name(), topic);
  }

  /** The topic as it is now; if there is none, a 404 of this text. */
  public CompletableFuture<Topic> look(String name, String missing, Deadline deadline) {
    ResourceName stream = streamOf(name);
    if (stream == null) {
      return CompletableFuture.failedFuture(Refusal.notFound(missing));
    } else if (lister().isEmpty()) {
      return Steps.map(
          Steps.translate(streams().partitions(stream, deadline), NotFoundException.class, error -> Refusal.notFound(missing)),
          partitions -> remember(new Topic(name, stream, partitions)));
    }
    return Steps.map(
        all(deadline),
        listed -> listed.stream().filter(topic -> topic.name().equals(name)).findFirst().orElseThrow(() -> Refusal.notFound(missing)));
  }

  /** Whoever lists streams; empty if the transport cannot. */
  private Optional<AdminTransport> lister() {
    return transport.admin().filter(admin -> can(Capability.LIST_RESOURCES));
  }

  private @Nullable ResourceName streamOf(String name) {
    try {
      return names.full(name);
    } catch (InvalidRequestException noName) {
      return null;
    }
  }

  private Topic remember(Topic topic) {
    known.put(topic.name(), topic);
    return topic;
  }

  /** Every topic; those seen last, if the transport cannot list its streams. */
  public CompletableFuture<List<Topic>> all(Deadline deadline) {
    Optional<AdminTransport> lister = lister();
    if (lister.isEmpty()) {
      return CompletableFuture.completedFuture(List.copyOf(known.values()));
    }
    List<Topic> before = List.copyOf(known.values());
    return Steps.map(
        lister.get().list(ResourceKind.STREAM, deadline),
        streams -> {
          List<Topic> now = topics(streams);
          before.stream().filter(topic -> !now.contains(topic)).forEach(this::forget);
          now.forEach(this::remember);
          return now;
        });
  }

  /** Those whose names can be said here. */
  private List<Topic> topics(List<ResourceInfo> streams) {
    List<Topic> topics = new ArrayList<>();
    for (ResourceInfo stream : streams) {
      try {
        topics.add(new Topic(names.flat(stream.name()), stream.name(), stream.partitions()));
      } catch (InvalidRequestException tooLong) {
        // Nobody can ask for it over this wire either.
      }
    }
    return topics;
  }

  private AdminTransport maker() {
    return transport
        .admin()
        .filter(admin -> can(Capability.CREATE_RESOURCES))
        .orElseThrow(() -> new Refusal(501, transport.backend() + " does not make topics"));
  }

  /** Makes a topic; fails with {@code AlreadyExistsException} if there is one. */
  public CompletableFuture<Topic> create(String name, StreamConfig config, Deadline deadline) {
    ResourceName stream = streamOf(name);
    if (stream == null) {
      throw Refusal.badRequest("invalid topic name: use 1 to " + LONGEST_NAME + " of the characters A-Z a-z 0-9 . _ -");
    }
    return Steps.map(
        maker().createStream(stream, config, deadline), made -> remember(new Topic(name, stream, config.partitions())));
  }

  /** Deletes a topic with all that is in it. */
  public CompletableFuture<Void> delete(Topic topic, Deadline deadline) {
    return Steps.map(
        maker().delete(ResourceKind.STREAM, topic.stream(), deadline),
        deleted -> {
          forget(topic);
          onDelete.forEach(listener -> listener.accept(topic.name()));
          return deleted;
        });
  }
}
