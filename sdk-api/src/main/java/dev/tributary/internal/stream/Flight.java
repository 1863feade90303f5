package dev.tributary.internal.stream;

import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.Calls;
import dev.tributary.observe.Observation;
import dev.tributary.observe.Operation;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.StreamTransport;
import dev.tributary.stream.Event;
import dev.tributary.stream.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A batch of a publisher on the wire. It has the time of its youngest event; in each try go those that have time left. */
final class Flight {
  private static final int AWAY = 1;
  private static final int BACK = 2;

  private final Line line;
  private final List<Pending> batch;
  private final Consumer<Flight> back;
  private final AtomicInteger stage = new AtomicInteger();
  private final List<Pending> sent;
  /** How many of those sent are known to have expired: they are the first. Guarded by the publisher. */
  private int expired;
  private volatile @Nullable CompletableFuture<?> call;
  private @Nullable List<Outcome<Position>> outcomes;
  private @Nullable Throwable fault;

  Flight(Line line, List<Pending> batch, Consumer<Flight> back) {
    this.line = line;
    this.batch = batch;
    this.back = back;
    this.sent = new ArrayList<>(batch.size());
  }

  /** What all batches of a publisher have in common. */
  record Line(Calls calls, StreamTransport transport, ResourceName name, Outgoing<?> outgoing) {}

  /** All events of it, also those that were withdrawn before it was sent. */
  List<Pending> batch() {
    return batch;
  }

  /** The first that has not expired, if it expires before the call does: that ends with the youngest. */
  @Nullable Pending oldest() {
    Pending first = batch.get(Math.min(expired, batch.size() - 1));
    return youngest().isAfter(first.deadline) ? first : null;
  }

  /** Those that have expired since the last time. */
  List<Pending> expired() {
    int first = expired;
    for (Pending next = oldest(); next != null && next.deadline.expired(); next = oldest()) {
      expired++;
    }
    return List.copyOf(batch.subList(first, expired));
  }

  private Deadline youngest() {
    return batch.get(batch.size() - 1).deadline;
  }

  /** Sends it; true if it is back already. Whatever is thrown is what becomes of it. */
  boolean begin() {
    try {
      for (Pending pending : batch) {
        if (pending.send()) {
          sent.add(pending);
        }
      }
      if (sent.isEmpty()) {
        return true;
      }
      List<Event<byte[]>> bare = sent.stream().map(pending -> pending.event).toList();
      Observation observation =
          line.calls().observe(
              Operation.Kind.SEND, "publish", line.name(), null, -1, bare.size(), Outgoing.payloadBytes(bare), null, List.of());
      List<Event<byte[]>> events = line.outgoing().linked(bare, observation);
      CompletableFuture<List<Outcome<Position>>> made =
          line.calls().steps().batch(
              "publish",
              line.name(),
              Outgoing.repeat(events),
              observation,
              youngest(),
              Outgoing.payloadBytes(bare),
              events.size(),
              deadline -> attempt(events, deadline),
              Function.identity());
      call = made;
      made.whenComplete(this::landed);
    } catch (Throwable thrown) {
      landed(null, thrown);
    }
    return !stage.compareAndSet(0, AWAY);
  }

  private CompletableFuture<List<Outcome<Position>>> attempt(List<Event<byte[]>> events, Deadline deadline) {
    int first = 0;
    while (first < sent.size() - 1 && !sent.get(first).isWanted()) {
      first++;
    }
    if (first == 0) {
      return line.transport().publish(line.name(), events, deadline);
    }
    int left = first;
    return Steps.map(
        line.transport().publish(line.name(), events.subList(first, events.size()), deadline),
        outcomes -> {
          List<Outcome<Position>> all = new ArrayList<>(events.size());
          // Their users know already.
          sent.subList(0, left).forEach(late -> all.add(Outcome.failed(late.expiredError(true))));
          all.addAll(outcomes);
          return all;
        });
  }

  private void landed(@Nullable List<Outcome<Position>> answer, @Nullable Throwable why) {
    outcomes = answer;
    fault = why;
    if (stage.getAndSet(BACK) == AWAY) {
      back.accept(this);
    }
  }

  /** Nobody waits for it any more. */
  void cancel() {
    CompletableFuture<?> made = call;
    if (made != null) {
      made.cancel(true);
    }
  }

  /** What its users are told. */
  List<Completions.Step> outcomes() {
    List<Completions.Step> steps = new ArrayList<>(sent.size());
    List<Outcome<Position>> answer = outcomes;
    for (int i = 0; i < sent.size(); i++) {
      Pending pending = sent.get(i);
      Outcome<Position> outcome = answer == null ? Outcome.failed(Steps.known(Objects.requireNonNull(fault))) : answer.get(i);
      steps.add(new Completions.Step(pending, () -> complete(pending, outcome)));
    }
    return steps;
  }

  private void complete(Pending pending, Outcome<Position> outcome) {
    TributaryException error = outcome.error();
    if (error == null) {
      pending.complete(outcome.orThrow());
    } else {
      pending.fail(located(error));
    }
  }

  private TributaryException located(TributaryException error) {
    return error.at(line.calls().transport().backend(), "publish", line.name().toString());
  }
}
