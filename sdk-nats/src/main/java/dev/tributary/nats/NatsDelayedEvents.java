package dev.tributary.nats;

import dev.tributary.ResourceName;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.NotFoundException;
import dev.tributary.nats.client.NatsCaller;
import dev.tributary.nats.client.Snapshot;
import dev.tributary.nats.wire.Answers;
import dev.tributary.nats.wire.Entry;
import dev.tributary.nats.wire.Requests;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.DelayedEventTransport;
import dev.tributary.spi.Steps;
import dev.tributary.stream.DelayedEvent;
import dev.tributary.stream.Position;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** Events that wait for their time: schedules, which the server publishes. */
final class NatsDelayedEvents implements DelayedEventTransport {
  private final NatsCaller caller;
  private final NatsMapping mapping;
  private final Logs logs;

  NatsDelayedEvents(NatsCaller caller, NatsMapping mapping, Logs logs) {
    this.caller = caller;
    this.mapping = mapping;
    this.logs = logs;
  }

  @Override
  public CompletableFuture<List<DelayedEvent>> list(ResourceName stream, int max, Deadline deadline) {
    return Steps.then(
        logs.ask(stream, deadline),
        count ->
            Steps.map(
                Steps.together(IntStream.range(0, count).mapToObj(partition -> waiting(stream, partition, deadline)).toList()),
                all ->
                    all.stream().flatMap(List::stream).sorted(Comparator.comparing(DelayedEvent::dueAt)).limit(max).toList()));
  }

  private CompletableFuture<List<DelayedEvent>> waiting(ResourceName stream, int partition, Deadline deadline) {
    return Steps.map(
        Snapshot.of(caller, mapping.log(stream, partition), mapping.delayed(stream, partition) + "*", true, deadline),
        entries -> entries.stream().filter(NatsDelayedEvents::waits).map(entry -> delayed(entry, partition)).toList());
  }

  private static boolean waits(Entry entry) {
    String schedule = entry.header(NatsMapping.SCHEDULE);
    return schedule != null && schedule.startsWith("@at ");
  }

  private static DelayedEvent delayed(Entry entry, int partition) {
    String schedule = Objects.requireNonNull(entry.header(NatsMapping.SCHEDULE));
    return new DelayedEvent(new Position(partition, entry.seq() - 1), Instant.parse(schedule.substring("@at ".length())));
  }

  @Override
  public CompletableFuture<Optional<DelayedEvent>> find(ResourceName stream, Position position, Deadline deadline) {
    return Steps.then(
        logs.partition(stream, position.partition(), deadline),
        partition ->
            Steps.map(
                Logs.get(caller, mapping.log(stream, partition), new Requests.Get(position.offset() + 1, null, null, null), deadline),
                found -> found.filter(NatsDelayedEvents::waits).map(entry -> delayed(entry, partition))));
  }

  @Override
  public CompletableFuture<Void> cancel(ResourceName stream, Position position, Deadline deadline) {
    return Steps.then(
        find(stream, position, deadline),
        found -> {
          if (found.isEmpty()) {
            throw new NotFoundException(ErrorInfo.of("no delayed event waits at " + position, "It may have become due"));
          }
          Requests.Delete delete = new Requests.Delete(position.offset() + 1, true);
          return Steps.map(
              caller.api("STREAM.MSG.DELETE." + mapping.log(stream, position.partition()), delete, Answers.Done.class, deadline), done -> null);
        });
  }
}
