package dev.tributary.internal;

import dev.tributary.Capability;
import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.SubscriptionState;
import dev.tributary.admin.ResourceInfo;
import dev.tributary.admin.ResourceKind;
import dev.tributary.error.TributaryException;
import dev.tributary.queue.DeadLetter;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.replay.Replay;
import dev.tributary.replay.ReplayOptions;
import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.DeadLetterTransport;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.HealthTransport;
import dev.tributary.spi.Limits;
import dev.tributary.spi.ReadSpec;
import dev.tributary.spi.SourceObserver;
import dev.tributary.spi.StreamSource;
import dev.tributary.spi.StreamTransport;
import dev.tributary.spi.SubscribeSpec;
import dev.tributary.spi.Transport;
import dev.tributary.stream.Event;
import dev.tributary.stream.GroupState;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.stream.ReadResult;
import dev.tributary.stream.StartAt;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;
import java.util.function.Function;

/** A backend that does what a test scripts: every call is a future in the test's hand, unless the test set an answer. */
public final class ScriptedTransport implements Transport, StreamTransport, DeadLetterTransport {
  public final List<Call<?>> calls = new CopyOnWriteArrayList<>();
  public final List<FakeSource> sources = new CopyOnWriteArrayList<>();
  public Set<Capability> capabilities = EnumSet.allOf(Capability.class);
  public Limits limits = Limits.NONE;
  /** If set, publishes are answered at once. */
  public Function<List<Event<byte[]>>, List<Outcome<Position>>> onPublish;

  /** If set, makes the sources. */
  public BiFunction<SubscribeSpec, SourceObserver<Message<byte[]>>, StreamSource> onSubscribe;

  /** If set, answers seeks. */
  public Function<Map<Integer, StartAt>, CompletableFuture<Map<Integer, Long>>> onSeek;

  /** One call: what it was about, and the future it was answered with. */
  public record Call<R>(String operation, Object about, CompletableFuture<R> answer, Deadline deadline) {
    @SuppressWarnings("unchecked")
    public void succeed(Object value) {
      ((CompletableFuture<Object>) (CompletableFuture<?>) answer).complete(value);
    }

    public void fail(Throwable error) {
      answer.completeExceptionally(error);
    }

    @SuppressWarnings("unchecked")
    public <A> A aboutAs() {
      return (A) about;
    }
  }

  public Call<?> call(int index) {
    return calls.get(index);
  }

  public Call<?> lastCall() {
    return calls.get(calls.size() - 1);
  }

  public FakeSource source() {
    return sources.get(sources.size() - 1);
  }

  private <R> CompletableFuture<R> called(String operation, Object about, Deadline deadline) {
    CompletableFuture<R> answer = new CompletableFuture<>();
    calls.add(new Call<>(operation, about, answer, deadline));
    return answer;
  }

  public static Message<byte[]> message(int partition, long offset) {
    return new Message<>(
        (partition + ":" + offset).getBytes(StandardCharsets.UTF_8), null, Map.of(), partition, offset, Instant.EPOCH, 0);
  }

  public static List<Outcome<Position>> stored(long firstOffset, int count) {
    List<Outcome<Position>> outcomes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      outcomes.add(Outcome.of(new Position(0, firstOffset + i)));
    }
    return outcomes;
  }

  @Override
  public String backend() {
    return "scripted";
  }

  @Override
  public Set<Capability> capabilities() {
    return capabilities;
  }

  @Override
  public Limits limits() {
    return limits;
  }

  @Override
  public Optional<StreamTransport> streams() {
    return capabilities.contains(Capability.STREAMS) ? Optional.of(this) : Optional.empty();
  }

  @Override
  public Optional<AdminTransport> admin() {
    return Optional.of(
        new AdminTransport() {
          @Override
          public CompletableFuture<List<ResourceInfo>> list(ResourceKind kind, Deadline deadline) {
            return called("list", kind, deadline);
          }
        });
  }

  @Override
  public HealthTransport health() {
    throw new AssertionError("not scripted");
  }

  @Override
  public CompletableFuture<Void> close() {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletableFuture<List<Outcome<Position>>> publish(ResourceName stream, List<Event<byte[]>> events, Deadline deadline) {
    CompletableFuture<List<Outcome<Position>>> answer = called("publish", List.copyOf(events), deadline);
    if (onPublish != null) {
      answer.complete(onPublish.apply(events));
    }
    return answer;
  }

  @Override
  public CompletableFuture<ReadResult<byte[]>> read(ReadSpec spec, Deadline deadline) {
    return called("read", spec, deadline);
  }

  @Override
  public StreamSource subscribe(SubscribeSpec spec, SourceObserver<Message<byte[]>> observer) {
    if (onSubscribe != null) {
      return onSubscribe.apply(spec, observer);
    }
    FakeSource source = new FakeSource(spec, observer);
    sources.add(source);
    return source;
  }

  @Override
  public CompletableFuture<Void> commit(ResourceName stream, String group, Position next, Deadline deadline) {
    return called("commit", next, deadline);
  }

  @Override
  public CompletableFuture<OptionalLong> committed(ResourceName stream, String group, int partition, Deadline deadline) {
    return called("committed", partition, deadline);
  }

  @Override
  public CompletableFuture<OptionalLong> latestOffset(ResourceName stream, int partition, Deadline deadline) {
    return called("latest offset", partition, deadline);
  }

  @Override
  public CompletableFuture<Integer> partitions(ResourceName stream, Deadline deadline) {
    return called("partitions", stream, deadline);
  }

  @Override
  public CompletableFuture<GroupState> groupState(ResourceName stream, String group, Deadline deadline) {
    return called("group state", group, deadline);
  }

  @Override
  public CompletableFuture<List<String>> groups(ResourceName stream, Deadline deadline) {
    return called("groups", stream, deadline);
  }

  @Override
  public CompletableFuture<Replay.State> createReplay(ResourceName stream, ReplayOptions options, Deadline deadline) {
    return called("create replay", options, deadline);
  }

  @Override
  public CompletableFuture<List<Replay.State>> replays(ResourceName stream, Deadline deadline) {
    return called("replays", stream, deadline);
  }

  @Override
  public CompletableFuture<Replay.State> replay(String id, Deadline deadline) {
    return called("replay", id, deadline);
  }

  @Override
  public CompletableFuture<Void> control(String id, ReplayCommand command, Deadline deadline) {
    return called("control", command, deadline);
  }

  @Override
  public DeadLetterTransport deadLetters() {
    return this;
  }

  @Override
  public CompletableFuture<List<DeadLetter<byte[]>>> list(ResourceName resource, int max, Deadline deadline) {
    return called("list dead letters", max, deadline);
  }

  @Override
  public CompletableFuture<Void> add(ResourceName stream, DeadLetter<byte[]> letter, Deadline deadline) {
    return called("add dead letter", letter, deadline);
  }

  @Override
  public CompletableFuture<EnqueueResult> replay(ResourceName resource, String id, Deadline deadline) {
    return called("replay dead letter", id, deadline);
  }

  @Override
  public CompletableFuture<Void> purge(ResourceName resource, Deadline deadline) {
    return called("purge dead letters", resource, deadline);
  }

  /** A source whose test delivers. */
  public final class FakeSource implements StreamSource {
    public final SubscribeSpec spec;
    public final SourceObserver<Message<byte[]>> observer;
    public final List<Long> requests = new CopyOnWriteArrayList<>();
    public final CompletableFuture<Void> closed = new CompletableFuture<>();
    /** Asked for and not delivered, and the most that ever was. */
    public long demand;
    public long maxDemand;
    public boolean closing;
    private boolean ended;

    FakeSource(SubscribeSpec spec, SourceObserver<Message<byte[]>> observer) {
      this.spec = spec;
      this.observer = observer;
    }

    @Override
    public synchronized void request(long n) {
      requests.add(n);
      demand += n;
      maxDemand = Math.max(maxDemand, demand);
    }

    /** Delivers one; within the demand. */
    public void deliver(int partition, long offset) {
      synchronized (this) {
        if (demand == 0) {
          throw new AssertionError("no demand for " + partition + ":" + offset);
        }
        demand--;
      }
      observer.onItem(message(partition, offset));
    }

    /** Delivers what there is demand for, and says how many that were. */
    public int deliverUpTo(int partition, long offset, int count) {
      int delivered = 0;
      while (delivered < count && demand > 0) {
        deliver(partition, offset + delivered++);
      }
      return delivered;
    }

    public void assign(Integer... partitions) {
      observer.onAssigned(Set.of(partitions));
    }

    public void revoke(Integer... partitions) {
      observer.onRevoked(Set.of(partitions));
    }

    public void state(SubscriptionState state) {
      observer.onState(state);
    }

    public synchronized boolean isClosing() {
      return closing;
    }

    public void end(TributaryException error) {
      synchronized (this) {
        if (ended) {
          return;
        }
        ended = true;
      }
      observer.onEnd(error);
    }

    @Override
    public CompletableFuture<Void> close() {
      synchronized (this) {
        closing = true;
      }
      end(null);
      closed.complete(null);
      return closed;
    }

    @Override
    public CompletableFuture<Map<Integer, Long>> seek(Map<Integer, StartAt> places, Deadline deadline) {
      CompletableFuture<Map<Integer, Long>> answer = called("seek", Map.copyOf(places), deadline);
      return onSeek == null ? answer : onSeek.apply(places);
    }

    @Override
    public void pause(Set<Integer> partitions) {
      called("pause", partitions, null);
    }

    @Override
    public void resume(Set<Integer> partitions) {
      called("resume", partitions, null);
    }

    @Override
    public CompletableFuture<Void> commit(Map<Integer, Long> nextOffsets, Deadline deadline) {
      return called("source commit", Map.copyOf(nextOffsets), deadline);
    }
  }
}
