package dev.tributary.internal.stream;

import dev.tributary.Capability;
import dev.tributary.EventStream;
import dev.tributary.RedeliveryPolicy;
import dev.tributary.ResourceName;
import dev.tributary.codec.Codec;
import dev.tributary.error.InvalidRequestException;
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
    return new BatchingPublisher<>(calls, transport, name, outgoing, options);
  }

  @Override
  public CompletableFuture<List<Message<T>>> read(int partition, long offset, int max) {
    return checked(
        "read",
        () -> {
          Checks.notNegative("partition", partition);
          Checks.notNegative("offset", offset);
          int most = Math.min(Checks.atLeastOne("max", max), checks.limits().maxReceive());
          return calls.call(
              "read",
              name,
              Repeat.SAFE,
              deadline -> transport.read(name, partition, offset, most, deadline),
              found -> {
                Incoming.handedOver(calls, "read", name, null, partition, found);
                return Incoming.decodeAll(payloads, found);
              });
        });
  }

  @Override
  public Flow.Publisher<Message<T>> subscribe(SubscribeOptions options) {
    Objects.requireNonNull(options, "options");
    int prefetch = options.prefetch().orElse(calls.config().prefetch());
    Undecodables undecodables = new Undecodables(calls, transport, name, options.onUndecodable(), sink());
    return new SourcePublisher<Message<byte[]>, Message<T>>(
        calls,
        "subscribe",
        name,
        observer ->
            open(options.group(), options.partitions(), options.start(), options.onOffsetOutOfRange(), prefetch, observer),
        message -> {
          Incoming.handedOver(calls, "subscribe", name, options.group(), message);
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
    DeadLetterSink sink = sink();
    RedeliveryPolicy redelivery = options.redelivery();
    if (redelivery != null && redelivery.maxAttempts() > 0) {
      sink.require();
    }
    return new StreamConsumer<>(
        calls,
        name,
        payloads,
        options,
        prefetch,
        new Undecodables(calls, transport, name, options.onUndecodable(), sink),
        sink,
        observer ->
            open(options.group(), options.partitions(), options.start(), options.onOffsetOutOfRange(), prefetch, observer));
  }

  private StreamSource open(
      @Nullable String group,
      Set<Integer> partitions,
      StartAt start,
      OffsetReset reset,
      int prefetch,
      SourceObserver<Message<byte[]>> observer) {
    if (group != null) {
      Checks.notEmpty("group", group);
    } else if (start.ofGroup()) {
      throw InvalidRequestException.of("there is no group whose committed offset to start at", "Name a group, or start elsewhere");
    }
    if (start instanceof StartAt.Time) {
      checks.require(Capability.START_AT_TIME);
    }
    partitions.forEach(partition -> Checks.notNegative("partition", partition));
    return transport.subscribe(new SubscribeSpec(name, group, partitions, start, reset, prefetch), observer);
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
