package dev.tributary.vertx.internal.goqueue;

import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.ServerErrorException;
import dev.tributary.error.TributaryException;
import dev.tributary.internal.driver.Ends;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.SourceObserver;
import dev.tributary.spi.Steps;
import dev.tributary.spi.SubscribeSpec;
import dev.tributary.stream.DelayedEvent;
import dev.tributary.stream.Message;
import dev.tributary.stream.StartAt;
import dev.tributary.vertx.internal.goqueue.client.Api;
import dev.tributary.vertx.internal.goqueue.client.Cooperative;
import dev.tributary.vertx.internal.goqueue.client.Delays;
import dev.tributary.vertx.internal.goqueue.client.Eager;
import dev.tributary.vertx.internal.goqueue.client.Gaps;
import dev.tributary.vertx.internal.goqueue.client.Groups;
import dev.tributary.vertx.internal.goqueue.client.Positions;
import dev.tributary.vertx.internal.goqueue.client.Reading;
import dev.tributary.vertx.internal.goqueue.client.Topics;
import dev.tributary.vertx.internal.goqueue.wire.Sizes;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.OnLoop;
import dev.tributary.vertx.internal.source.Cursor;
import dev.tributary.vertx.internal.source.GroupProtocol;
import dev.tributary.vertx.internal.source.Membership;
import dev.tributary.vertx.internal.source.Page;
import dev.tributary.vertx.internal.source.PagedSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A subscription. The group, if there is one, only says which partitions and keeps what was committed, so that nothing of how the server hands
 * out leases comes in between.
 */
final class GoQueueSource extends PagedSource {
  /** Sessions in a row that ended because the server failed at something: some of that passes by itself. */
  private static final int TOLERATED = 5;

  private final Api api;
  private final Topics topics;
  private final Groups groups;
  private final Reading reading;
  private final Positions positions;
  private final Delays delayed;
  private final String topic;
  /** The group's name on the wire. */
  private final @Nullable String group;
  private final @Nullable Membership membership;
  private final Consumer<GoQueueSource> onOver;
  /** Which gaps the server at hand leaves. */
  private Gaps.Factory leaving = (partition, on, reader) -> Gaps.NONE;
  /** Whether nobody of the group can have read the partitions that came first. */
  private boolean alone;
  private int faults;

  GoQueueSource(
      Api api,
      Topics topics,
      Groups groups,
      Reading reading,
      Positions positions,
      Delays delayed,
      Network network,
      GoQueueOptions options,
      SubscribeSpec spec,
      SourceObserver<Message<byte[]>> observer,
      Consumer<GoQueueSource> onOver) {
    super(api.loop(), network, spec, Sizes.PAGE, Sizes.PAYLOAD_BYTES, observer);
    this.api = api;
    this.topics = topics;
    this.groups = groups;
    this.reading = reading;
    this.positions = positions;
    this.delayed = delayed;
    this.topic = topics.of(spec.stream());
    this.group = spec.group() == null ? null : groups.wire(spec.group(), topic);
    this.onOver = onOver;
    this.membership = group == null || !spec.partitions().isEmpty() ? null : member(group, options);
  }

  private Membership member(String wireGroup, GoQueueOptions options) {
    GroupProtocol protocol = options.cooperative() ? new Cooperative(api, groups, wireGroup, topic) : new Eager(groups, wireGroup, topic);
    return new Membership(
        network(), protocol, wireGroup, Groups.ownName("tributary"), loop, options.heartbeat(), GoQueueOptions.SESSION, this);
  }

  private <R> CompletableFuture<R> within(Function<Deadline, CompletableFuture<R>> call) {
    return api.within(network().config().timeout(), call);
  }

  /** A server has these answers at once. */
  private <R> CompletableFuture<R> soon(Function<Deadline, CompletableFuture<R>> call) {
    return api.within(api.patience(), call);
  }

  // Which partitions.

  @Override
  protected void open(int session) {
    ask(
        session,
        within(delayed::gaps),
        found -> {
          leaving = found;
          if (current(session)) {
            join(session);
          }
        });
  }

  private void join(int session) {
    if (membership != null && !membership.settled()) {
      membership.join(error -> broke(session(), error));
    } else if (membership != null || began()) {
      position(session);
    } else {
      ask(session, Steps.map(within(deadline -> topics.ask(topic, deadline)), details -> chosen(details.partitions(), details::checked)), this::assigned);
    }
  }

  @Override
  public void assigned(Set<Integer> partitions) {
    alone = began() ? alone : membership == null || membership.alone();
    super.assigned(partitions);
  }

  @Override
  protected CompletableFuture<Void> stop() {
    CompletableFuture<Void> stopped = super.stop();
    return ended() && membership != null ? membership.leave() : stopped;
  }

  @Override
  protected void over() {
    onOver.accept(this);
  }

  // Where.

  @Override
  protected CompletableFuture<Starts> starts(Collection<Cursor> fresh) {
    Map<Integer, Boolean> partitions = new HashMap<>();
    fresh.forEach(cursor -> partitions.put(cursor.partition(), group != null && !(cursor.first() && alone)));
    return within(
        deadline ->
            positions.begin(
                new Positions.Beginning(topic, group, spec().start(), spec().reset(), partitions, membership != null, this::store), deadline));
  }

  @Override
  protected CompletableFuture<Map<Integer, Long>> find(Map<Integer, StartAt> sought, Deadline deadline) {
    return positions.find(topic, group, sought, deadline);
  }

  @Override
  protected CompletableFuture<Map<Integer, Ends>> ends(Set<Integer> partitions) {
    return Steps.map(
        soon(deadline -> topics.ask(topic, deadline)),
        details -> {
          Map<Integer, Ends> ends = new HashMap<>();
          partitions.forEach(partition -> ends.put(partition, details.of(partition)));
          // Where nothing is, all may be too old.
          ends.values().removeIf(there -> there.next() == 0);
          return ends;
        });
  }

  @Override
  protected CompletableFuture<Page> fetch(int partition, long offset, int max) {
    return soon(deadline -> reading.page(topic, partition, offset, max, deadline));
  }

  /** Else whoever takes over finds the same. */
  @Override
  protected void resetTo(int partition, long offset) {
    if (group != null) {
      within(deadline -> store(Map.of(partition, offset), deadline));
    }
  }

  private CompletableFuture<Void> store(Map<Integer, Long> next, Deadline deadline) {
    return membership != null ? membership.commit(next, deadline) : groups.commitFromOutside(Objects.requireNonNull(group), topic, next, deadline);
  }

  // What fails.

  @Override
  protected void answered() {
    faults = 0;
  }

  @Override
  protected void broke(int session, TributaryException error) {
    boolean tolerated = error instanceof ServerErrorException && ++faults < TOLERATED;
    failed(
        session,
        tolerated ? new ConnectionFailedException(ErrorInfo.of("the server failed: " + error.getMessage(), "It is tried again").causedBy(error)) : error);
  }

  // What it passed.

  @Override
  protected Cursor cursor(int partition, boolean first) {
    return new GappedCursor(partition, first);
  }

  /** One that comes back to its gaps. */
  private final class GappedCursor extends Cursor implements Gaps.Reader {
    private Gaps gaps = Gaps.NONE;

    GappedCursor(int partition, boolean first) {
      super(GoQueueSource.this, partition, first);
    }

    @Override
    protected void passed(Page read) {
      if (gaps == Gaps.NONE) {
        gaps = leaving.of("partition " + partition() + " of " + topic, loop, this);
      }
      gaps.passed(readAt(), read);
    }

    @Override
    protected boolean full() {
      return gaps.full();
    }

    @Override
    protected void delivering(long offset) {
      gaps.delivered(offset, position());
    }

    @Override
    protected void moved() {
      gaps.clear();
    }

    @Override
    protected void rested() {
      gaps.rest(position());
    }

    @Override
    protected void woken() {
      gaps.go();
    }

    @Override
    public CompletableFuture<List<DelayedEvent>> pending() {
      return within(deadline -> delayed.all(topic, deadline));
    }

    @Override
    public CompletableFuture<Page> page(long offset, int max) {
      return fetch(partition(), offset, max);
    }

    @Override
    public void emptied() {
      wanted();
    }

    @Override
    public void late(Message<byte[]> message) {
      if (running() && cursorOf(partition()) == this) {
        here(session(), this, message);
      }
    }
  }

  @Override
  public CompletableFuture<Void> commit(Map<Integer, Long> nextOffsets, Deadline deadline) {
    if (group == null) {
      throw InvalidRequestException.of("a commit without a group", "Subscribe with a group to commit");
    }
    CompletableFuture<Map<Integer, Long>> committable = new CompletableFuture<>();
    OnLoop.run(loop, nextOffsets, asked -> committable.complete(committable(asked)), committable);
    return Steps.then(committable, next -> store(next, deadline));
  }

  private Map<Integer, Long> committable(Map<Integer, Long> asked) {
    Map<Integer, Long> next = new HashMap<>(asked);
    next.replaceAll((partition, offset) -> cursorOf(partition) instanceof GappedCursor cursor ? cursor.gaps.committable(offset) : offset);
    return next;
  }
}
