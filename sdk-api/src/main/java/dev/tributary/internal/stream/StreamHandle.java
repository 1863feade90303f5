package dev.tributary.internal.stream;

import dev.tributary.Capability;
import dev.tributary.EventStream;
import dev.tributary.RedeliveryPolicy;
import dev.tributary.ResourceName;
import dev.tributary.codec.Codec;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.filter.EventFilter;
import dev.tributary.internal.Batch;
import dev.tributary.internal.Calls;
import dev.tributary.internal.Calls.Repeat;
import dev.tributary.internal.Checks;
import dev.tributary.internal.DeadLetterSink;
import dev.tributary.internal.DeadLettersHandle;
import dev.tributary.internal.Payloads;
import dev.tributary.internal.SourcePublisher;
import dev.tributary.observe.Observation;
import dev.tributary.observe.Operation;
import dev.tributary.queue.DeadLetters;
import dev.tributary.replay.Replays;
import dev.tributary.spi.ReadSpec;
import dev.tributary.spi.SourceObserver;
import dev.tributary.spi.StreamSource;
import dev.tributary.spi.StreamTransport;
import dev.tributary.spi.SubscribeSpec;
import dev.tributary.stream.ConsumerOptions;
import dev.tributary.stream.DelayedEvents;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventConsumer;
import dev.tributary.stream.EventPublisher;
import dev.tributary.stream.GroupState;
import dev.tributary.stream.Message;
import dev.tributary.stream.OffsetReset;
import dev.tributary.stream.Position;
import dev.tributary.stream.PublisherOptions;
import dev.tributary.stream.ReadResult;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A stream, over its transport. What cannot be sent is refused before an attempt is made; looking is repeated, and what a second time would store
 * or end again is not once it may have been applied. What stays open (consumers, publishers, subscriptions) has classes of its own.
 */
public final class StreamHandle<T> implements EventStream<T> {
  private final Calls calls;
  private final Checks checks;
  private final StreamTransport transport;
  private final ResourceName name;
  private final Payloads<T> payloads;
  private final Outgoing<T> outgoing;

  /** The stream of this name; refused if the backend has no streams. */
  public StreamHandle(Calls calls, ResourceName name, Codec<T> codec) {
    this.calls = calls;
    this.checks = calls.checks();
    this.transport = calls.transport().streams().orElseThrow(() -> checks.unsupported(Capability.STREAMS));
    this.name = name;
    this.payloads = new Payloads<>(Objects.requireNonNull(codec, "codec"), calls);
    this.outgoing = new Outgoing<>(calls, payloads);
  }

  @Override
  public ResourceName name() {
    return name;
  }

  /** Whether it belongs to the client of these calls. */
  public boolean isOf(Calls client) {
    return calls == client;
  }

  /** The event as the transport gets it; throws what is wrong with it. */
  public Event<byte[]> prepare(Event<T> event) {
    return outgoing.prepare(event);
  }

  @Override
  public CompletableFuture<Position> publish(T value) {
    return checked("publish", () -> send(Event.of(value)));
  }

  @Override
  public CompletableFuture<Position> publish(Event<T> event) {
    return checked("publish", () -> send(event));
  }

  private CompletableFuture<Position> send(Event<T> event) {
    Event<byte[]> ready = outgoing.prepare(event);
    Observation observation =
        calls.observe(
            Operation.Kind.SEND,
            "publish",
            name,
            null,
            ready.partition().orElse(-1),
            1,
            ready.value().length,
            ready.deduplicationId(),
            List.of());
    List<Event<byte[]>> events = outgoing.linked(List.of(ready), observation);
    return calls.single(
        "publish",
        name,
        Outgoing.repeat(events),
        observation,
        outgoing.size(events.get(0)),
        deadline -> transport.publish(name, events, deadline));
  }

  @Override
  public CompletableFuture<List<Position>> publishAll(List<Event<T>> events) {
    return checked(
        "publish",
        () -> {
          List<Event<byte[]>> ready = outgoing.prepareAll(events);
          if (ready.isEmpty()) {
            return CompletableFuture.completedFuture(List.of());
          }
          Observation observation =
              calls.observe(
                  Operation.Kind.SEND, "publish", name, null, -1, ready.size(), Outgoing.payloadBytes(ready), null, List.of());
          List<Event<byte[]>> all = outgoing.linked(ready, observation);
          return Batch.send(
              calls,
              "publish",
              name,
              Outgoing.repeat(all),
              observation,
              all,
              outgoing::size,
              (part, deadline) -> transport.publish(name, part, deadline));
        });
  }

  @Override
  public EventPublisher<T> publisher(PublisherOptions options) {
    return batching(options);
  }

  private BatchingPublisher<T> batching(PublisherOptions options) {
    return new BatchingPublisher<>(calls, transport, name, outgoing, options);
  }

  @Override
  public Flow.Publisher<Position> publishFrom(Flow.Publisher<? extends Event<T>> events, PublisherOptions options) {
    Objects.requireNonNull(events, "events");
    Objects.requireNonNull(options, "options");
    return subscriber ->
        new Inflow<>(calls, name, events, () -> batching(options), options, Objects.requireNonNull(subscriber, "subscriber")).start();
  }

  @Override
  public CompletableFuture<List<Message<T>>> read(int partition, long offset, int max) {
    return checked("read", () -> read(partition, offset, max, null, found -> Incoming.decodeAll(payloads, found.messages())));
  }

  @Override
  public CompletableFuture<ReadResult<T>> read(int partition, long offset, int max, EventFilter filter) {
    return checked(
        "read",
        () -> {
          checks.require(Capability.EVENT_FILTER);
          Checks.present("filter", filter);
          return read(partition, offset, max, filter, found -> new ReadResult<>(Incoming.decodeAll(payloads, found.messages()), found.next()));
        });
  }

  private <R> CompletableFuture<R> read(
      int partition, long offset, int max, @Nullable EventFilter filter, Function<ReadResult<byte[]>, R> decode) {
    Checks.notNegative("partition", partition);
    Checks.notNegative("offset", offset);
    int most = Math.min(Checks.atLeastOne("max", max), checks.limits().maxReceive());
    ReadSpec spec = new ReadSpec(name, partition, offset, most, calls.config().maxMessageBytes(), filter);
    return calls.call(
        "read",
        name,
        Repeat.SAFE,
        deadline -> transport.read(spec, deadline),
        found -> {
          Incoming.handedOver(calls, "read", name, null, partition, found.messages());
          return decode.apply(found);
        });
  }

  @Override
  public Flow.Publisher<Message<T>> subscribe(SubscribeOptions options) {
    Objects.requireNonNull(options, "options");
    int prefetch = options.prefetch().orElse(calls.config().prefetch());
    Undecodables undecodables = new Undecodables(calls, transport, name, options.onUndecodable(), sink());
    String group = options.group();
    Uncommitted.Reading resumed = group != null && options.start().ofGroup() ? calls.uncommitted().reading(name, group) : null;
    return new SourcePublisher<Message<byte[]>, Message<T>>(
        calls,
        "subscribe",
        name,
        observer ->
            open(
                group, options.partitions(), options.start(), options.onOffsetOutOfRange(), prefetch, options.filter(), observer),
        message -> {
          Incoming.handedOver(calls, "subscribe", name, group, message);
          if (resumed != null) {
            resumed.handedOver();
          }
          return Incoming.decode(payloads, message);
        },
        undecodables::handle,
        dropped -> {},
        Incoming::bytes,
        prefetch,
        options.prefetchBytes().orElse(calls.config().prefetchBytes()),
        true,
        new SourcePublisher.Listener(options.onState(), options.onAssigned(), options.onRevoked()));
  }

  @Override
  public EventConsumer<T> consumer(ConsumerOptions options) {
    Objects.requireNonNull(options, "options");
    int prefetch = options.prefetch().orElse(calls.config().prefetch());
    return consumer(options, prefetch, () -> {}).remembered().begin();
  }

  /**
   * A consumer that has not begun.
   *
   * @param page how many messages it may ever have waiting; the options say how many at first
   * @param ready told whenever it may have something to hand out
   */
  StreamConsumer<T> consumer(ConsumerOptions options, int page, Runnable ready) {
    if (options.group() != null) {
      calls.uncommitted().committed(name, options.group());
    }
    return new StreamConsumer<>(
        calls,
        name,
        payloads,
        options,
        options.prefetch().orElse(page),
        undecodables(options),
        sink(options),
        ready,
        observer ->
            open(options.group(), options.partitions(), options.start(), options.onOffsetOutOfRange(), page, options.filter(), observer));
  }

  private Undecodables undecodables(ConsumerOptions options) {
    return new Undecodables(calls, transport, name, options.onUndecodable(), sink());
  }

  /** Refuses a policy of redelivery that cannot be carried out. */
  private DeadLetterSink sink(ConsumerOptions options) {
    DeadLetterSink sink = sink();
    RedeliveryPolicy redelivery = options.redelivery();
    if (redelivery != null && redelivery.maxAttempts() > 0) {
      sink.require();
    }
    return sink;
  }

  /** Refuses options with which no stream can be consumed. */
  void check(ConsumerOptions options) {
    check(options.group(), options.partitions(), options.start(), options.filter());
    undecodables(options);
    sink(options);
  }

  private StreamSource open(
      @Nullable String group,
      Set<Integer> partitions,
      StartAt start,
      OffsetReset reset,
      int prefetch,
      @Nullable EventFilter filter,
      SourceObserver<Message<byte[]>> observer) {
    check(group, partitions, start, filter);
    return transport.subscribe(new SubscribeSpec(name, group, partitions, start, reset, prefetch, filter), observer);
  }

  private void check(@Nullable String group, Set<Integer> partitions, StartAt start, @Nullable EventFilter filter) {
    if (group != null) {
      Checks.notEmpty("group", group);
    } else if (start.ofGroup()) {
      throw InvalidRequestException.of("there is no group whose committed offset to start at", "Name a group, or start elsewhere");
    }
    if (start instanceof StartAt.Time) {
      checks.require(Capability.START_AT_TIME);
    }
    if (filter != null) {
      checks.require(Capability.EVENT_FILTER);
    }
    partitions.forEach(partition -> Checks.notNegative("partition", partition));
  }

  @Override
  public CompletableFuture<Void> commit(String group, Position next) {
    return checked(
        "commit",
        () -> {
          Checks.notEmpty("group", group);
          Checks.present("position", next);
          Checks.notNegative("partition", next.partition());
          Checks.notNegative("offset", next.offset());
          calls.uncommitted().committed(name, group);
          Observation observation =
              calls.observe(Operation.Kind.SETTLE, "commit", name, group, next.partition(), 0, -1, null, List.of());
          return calls.call(
              "commit",
              name,
              Repeat.SAFE,
              observation,
              calls.deadline(),
              deadline -> transport.commit(name, group, next, deadline),
              Function.identity());
        });
  }

  @Override
  public CompletableFuture<OptionalLong> committed(String group, int partition) {
    return checked(
        "committed",
        () -> {
          Checks.notEmpty("group", group);
          Checks.notNegative("partition", partition);
          return calls.call("committed", name, Repeat.SAFE, deadline -> transport.committed(name, group, partition, deadline));
        });
  }

  @Override
  public CompletableFuture<OptionalLong> latestOffset(int partition) {
    return checked(
        "latest offset",
        () -> {
          Checks.notNegative("partition", partition);
          return calls.call("latest offset", name, Repeat.SAFE, deadline -> transport.latestOffset(name, partition, deadline));
        });
  }

  @Override
  public CompletableFuture<Integer> partitions() {
    return calls.call("partitions", name, Repeat.SAFE, deadline -> transport.partitions(name, deadline));
  }

  @Override
  public CompletableFuture<GroupState> groupState(String group) {
    return checked(
        "group state",
        () -> {
          Checks.notEmpty("group", group);
          return calls.call("group state", name, Repeat.SAFE, deadline -> transport.groupState(name, group, deadline));
        });
  }

  @Override
  public CompletableFuture<List<String>> groups() {
    return checked(
        "groups",
        () -> {
          checks.require(Capability.GROUP_LISTING);
          return calls.call("groups", name, Repeat.SAFE, deadline -> transport.groups(name, deadline));
        });
  }

  @Override
  public CompletableFuture<Void> deleteGroup(String group) {
    return checked(
        "delete group",
        () -> {
          checks.require(Capability.GROUP_DELETION);
          Checks.notEmpty("group", group);
          return calls.call(
              "delete group", name, Repeat.UNLESS_APPLIED, deadline -> transport.deleteGroup(name, group, deadline));
        });
  }

  @Override
  public DelayedEvents delayed() {
    return new DelayedEventsHandle(calls, transport::delayed, name);
  }

  @Override
  public Replays replays() {
    return new ReplaysHandle(calls, transport, name);
  }

  @Override
  public DeadLetters<T> deadLetters() {
    return new DeadLettersHandle<>(transport::deadLetters, calls, name, payloads, Capability.STREAM_DEAD_LETTERS);
  }

  /** For what is given up here. */
  private DeadLetterSink sink() {
    return new DeadLetterSink(transport::deadLetters, calls.steps(), name);
  }

  private <R> CompletableFuture<R> checked(String operation, Supplier<CompletableFuture<R>> call) {
    return calls.checked(operation, name, call);
  }

  @Override
  public String toString() {
    return "stream " + name;
  }
}
