package dev.tributary.internal.stream;

import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.PartialFailureException;
import dev.tributary.error.ServerErrorException;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.Calls;
import dev.tributary.internal.Chain;
import dev.tributary.internal.Faults;
import dev.tributary.observe.Observation;
import dev.tributary.observe.Operation;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Limits;
import dev.tributary.spi.StreamTransport;
import dev.tributary.stream.Event;
import dev.tributary.stream.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Publishes a list in as many calls as the backend wants, one after another, under one deadline. Stops at the first failure. */
final class PublishAll<T> extends Chain<List<Position>> {
  private final Calls calls;
  private final StreamTransport transport;
  private final ResourceName name;
  private final Outgoing<T> outgoing;
  private final List<Event<byte[]>> events;
  private final Deadline deadline;
  private final List<Outcome<Position>> outcomes;

  PublishAll(Calls calls, StreamTransport transport, ResourceName name, Outgoing<T> outgoing, List<Event<byte[]>> events) {
    this.calls = calls;
    this.transport = transport;
    this.name = name;
    this.outgoing = outgoing;
    this.events = events;
    this.deadline = calls.deadline();
    this.outcomes = new ArrayList<>(events.size());
  }

  /** Sends the next part, or completes. */
  void next() {
    int from = outcomes.size();
    if (from == events.size()) {
      complete(outcomes.stream().map(Outcome::orThrow).toList());
      return;
    }
    List<Event<byte[]>> part = events.subList(from, end(from));
    Observation observation =
        calls.observe(
            Operation.Kind.SEND, "publish", name, null, -1, part.size(), Outgoing.payloadBytes(part), null, List.of());
    List<Event<byte[]>> linked = outgoing.linked(part, observation);
    CompletableFuture<List<Outcome<Position>>> sending =
        calls.batch(
            "publish",
            name,
            Outgoing.repeat(linked),
            observation,
            deadline,
            linked.size(),
            end -> transport.publish(name, linked, end),
            Function.identity());
    underWay(sending).whenComplete(this::sent);
  }

  private int end(int from) {
    Limits limits = calls.checks().limits();
    long bytes = 0;
    int end = from;
    while (end < events.size() && end - from < limits.maxBatch()) {
      bytes += outgoing.size(events.get(end));
      if (bytes > limits.maxBatchBytes() && end > from) {
        break;
      }
      end++;
    }
    return end;
  }

  private void sent(@Nullable List<Outcome<Position>> part, @Nullable Throwable fault) {
    if (isDone()) {
      return;
    }
    if (part != null) {
      outcomes.addAll(part);
      if (part.stream().allMatch(Outcome::succeeded)) {
        next();
        return;
      }
      fail(part.stream().map(Outcome::error).filter(Objects::nonNull).findFirst().orElseThrow());
    } else {
      TributaryException error = Faults.of(Objects.requireNonNull(fault));
      int failed = end(outcomes.size());
      while (outcomes.size() < failed) {
        outcomes.add(Outcome.failed(error));
      }
      fail(error);
    }
  }

  private void fail(TributaryException why) {
    long stored = outcomes.stream().filter(Outcome::succeeded).count();
    if (stored == 0) {
      completeExceptionally(why);
      return;
    }
    TributaryException unsent =
        new ServerErrorException(
            ErrorInfo.of("not sent, because an event before it failed", "Publish it again").causedBy(why));
    while (outcomes.size() < events.size()) {
      outcomes.add(Outcome.failed(unsent));
    }
    completeExceptionally(
        new PartialFailureException(
                ErrorInfo.of(
                        stored + " of " + events.size() + " events were stored, the first failure is: " + why.getMessage(),
                        "The outcomes tell which were not; publish those again")
                    .maybeApplied(true)
                    .causedBy(why),
                outcomes)
            .at(calls.transport().backend(), "publish", name.toString()));
  }
}
