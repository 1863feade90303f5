package dev.tributary.testkit.server.flymq.internal.store;

import dev.tributary.Capability;
import dev.tributary.ResourceName;
import dev.tributary.admin.ResourceInfo;
import dev.tributary.admin.ResourceKind;
import dev.tributary.admin.StreamConfig;
import dev.tributary.error.AlreadyExistsException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.driver.FlatNames;
import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.StreamTransport;
import dev.tributary.spi.Transport;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The topics there are: every stream of the transport. Others may make and delete streams too, so that what is known here is only what
 * was seen last, and forgotten as soon as it turns out to be wrong. Thread-safe.
 */
public final class Topics {
  /** More are an attack, or a mistake. */
  public static final int MOST_PARTITIONS = 10_000;

  private static final String HOME = "default";
  private static final int LONGEST_NAME = 200;
  private static final String HIDDEN = "__";

  private final Transport transport;
  private final boolean createOnFirstUse;
  private final FlatNames names = new FlatNames(HOME, HOME, LONGEST_NAME).withDots();
  private final Map<String, Topic> known = new ConcurrentHashMap<>();

  public Topics(Transport transport, boolean createOnFirstUse) {
    this.transport = transport;
    this.createOnFirstUse = createOnFirstUse;
  }

  public Transport transport() {
    return transport;
  }

  public StreamTransport streams() {
    return transport.streams().orElseThrow(() -> new Refusal(transport.backend() + " has no streams"));
  }

  public boolean can(Capability capability) {
    return transport.capabilities().contains(capability);
  }

  /** What a name on the wire is for the transport; {@code of} says what it is the name of. */
  public ResourceName full(String of, String name) {
    try {
      return names.full(name);
    } catch (InvalidRequestException noName) {
      throw new Refusal("invalid " + of + " name: use 1 to " + LONGEST_NAME + " of the characters A-Z a-z 0-9 . _ -");
    }
  }

  /** The stream that a topic is; null if it can be none. */
  public @Nullable ResourceName stream(String topic) {
    try {
      return names.full(topic);
    } catch (InvalidRequestException noName) {
      return null;
    }
  }

  /** What a name of the transport is on the wire; empty if nobody could ask for it. */
  public Optional<String> flat(ResourceName name) {
    try {
      return Optional.of(names.flat(name));
    } catch (InvalidRequestException tooLong) {
      return Optional.empty();
    }
  }

  /** What a name in text is on the wire; empty if nobody could ask for it. */
  public Optional<String> flat(String name) {
    return flat(ResourceName.parse(name, HOME, HOME));
  }

  /** Does something with a topic that is there; if it is not, or not any more, that is said. */
  public <T> CompletableFuture<T> with(String name, Deadline deadline, Function<Topic, CompletableFuture<T>> operation) {
    return Steps.then(
        find(name, deadline),
        topic ->
            Steps.translate(
                operation.apply(topic),
                TributaryException.class,
                error -> {
                  if (error instanceof NotFoundException || error instanceof InvalidRequestException) {
                    known.remove(name, topic);
                  }
                  return error instanceof NotFoundException ? new Refusal.NoTopic(name) : error;
                }));
  }

  /** The same with a topic that is made if it is not there, unless the server does not do that. */
  public <T> CompletableFuture<T> withNew(String name, Deadline deadline, Function<Topic, CompletableFuture<T>> operation) {
    return !createOnFirstUse
        ? with(name, deadline, operation)
        : Steps.recover(
            with(name, deadline, operation),
            Refusal.NoTopic.class,
            none -> Steps.then(create(name, 1, deadline), made -> with(name, deadline, operation)));
  }

  private CompletableFuture<Topic> find(String name, Deadline deadline) {
    Topic topic = known.get(name);
    return topic == null ? look(name, deadline) : CompletableFuture.completedFuture(topic);
  }

  private CompletableFuture<Topic> look(String name, Deadline deadline) {
    ResourceName stream = full("topic", name);
    if (lister().isEmpty()) {
      return Steps.map(
          Steps.translate(streams().partitions(stream, deadline), NotFoundException.class, error -> new Refusal.NoTopic(name)),
          partitions -> remember(new Topic(name, stream, partitions)));
    }
    return Steps.map(
        all(deadline), all -> all.stream().filter(topic -> topic.name().equals(name)).findFirst().orElseThrow(() -> new Refusal.NoTopic(name)));
  }

  private Topic remember(Topic seen) {
    @Nullable Topic before = known.putIfAbsent(seen.name(), seen);
    if (before == null || before.partitions() == seen.partitions()) {
      return before == null ? seen : before;
    }
    known.put(seen.name(), seen);
    return seen;
  }

  /** Whoever lists streams; empty if the transport cannot. */
  private Optional<AdminTransport> lister() {
    return transport.admin().filter(admin -> can(Capability.LIST_RESOURCES));
  }

  /** Every topic, by name; those seen last, if the transport cannot list its streams. */
  public CompletableFuture<List<Topic>> all(Deadline deadline) {
    return lister().isEmpty()
        ? CompletableFuture.completedFuture(known.values().stream().sorted(Comparator.comparing(Topic::name)).toList())
        : Steps.map(lister().get().list(ResourceKind.STREAM, deadline), this::seen);
  }

  private List<Topic> seen(List<ResourceInfo> streams) {
    List<Topic> topics = new ArrayList<>();
    for (ResourceInfo stream : streams) {
      flat(stream.name()).ifPresent(name -> topics.add(remember(new Topic(name, stream.name(), stream.partitions()))));
    }
    topics.sort(Comparator.comparing(Topic::name));
    known.keySet().retainAll(topics.stream().map(Topic::name).collect(Collectors.toSet()));
    return topics;
  }

  /** Whether a topic is shown to whoever does not ask for it by its name. */
  public static boolean shown(Topic topic) {
    return !topic.name().startsWith(HIDDEN);
  }

  private AdminTransport maker() {
    return transport
        .admin()
        .filter(admin -> can(Capability.CREATE_RESOURCES))
        .orElseThrow(() -> new Refusal(transport.backend() + " does not make topics"));
  }

  /** Makes a topic; one that is there stays as it is. */
  public CompletableFuture<Boolean> create(String name, int partitions, Deadline deadline) {
    return done(maker().createStream(full("topic", name), StreamConfig.partitions(partitions), deadline), AlreadyExistsException.class);
  }

  /** Deletes a topic with all that is in it, if it is there. */
  public CompletableFuture<Boolean> delete(String name, Deadline deadline) {
    known.remove(name);
    return done(maker().delete(ResourceKind.STREAM, full("topic", name), deadline), NotFoundException.class);
  }

  /** Whether it was done, and not before. */
  private static CompletableFuture<Boolean> done(CompletableFuture<Void> change, Class<? extends Throwable> before) {
    return Steps.recover(Steps.map(change, changed -> true), before, already -> CompletableFuture.completedFuture(false));
  }
}
