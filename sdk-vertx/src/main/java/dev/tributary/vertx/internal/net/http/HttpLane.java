package dev.tributary.vertx.internal.net.http;

import dev.tributary.config.Endpoint;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import dev.tributary.vertx.internal.net.Approach;
import dev.tributary.vertx.internal.net.Bearer;
import dev.tributary.vertx.internal.net.ConnectErrors;
import dev.tributary.vertx.internal.net.Dialer;
import dev.tributary.vertx.internal.net.HttpDialer;
import dev.tributary.vertx.internal.net.LoopTimer;
import dev.tributary.vertx.internal.net.Neighbours;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.OnLoop;
import dev.tributary.vertx.internal.net.Standing;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The way to the backend for some of the HTTP calls: a bounded number of connections, made when there is no free one and kept for a while, and a
 * bounded queue of those that wait for one. All state belongs to one event loop.
 */
final class HttpLane implements Approach.Lane<HttpDialer.Made>, Neighbours.Lane {
  /** Servers close a connection that is idle for a minute: ours is gone before, so that no call meets one that is being closed. */
  private static final Duration IDLE = Duration.ofSeconds(30);

  private final Network network;
  private final HttpClientAgent client;
  private final ContextInternal context;
  private final int limit;
  private final int maxWaiting;
  private final boolean prompt;
  private final Map<String, String> headers;
  private final Set<HttpLink> open = new HashSet<>();
  private final Deque<HttpLink> idle = new ArrayDeque<>();
  private final LinkedHashSet<HttpCall> waiting = new LinkedHashSet<>();
  private final Set<HttpCall> asking = new HashSet<>();
  private final Set<Approach<?>> approaches = new HashSet<>();
  private boolean serving;
  private boolean closed;
  private long heard;
  private long expiryAt;
  private TimeSource.@Nullable Timer expiry;
  private TimeSource.@Nullable Timer idleCheck;
  private final SilenceWatch watch;

  /**
   * A lane.
   *
   * @param limit the most connections to one endpoint
   * @param prompt whether servers answer at once here, so that silence is suspicious
   */
  HttpLane(Network network, HttpClientAgent client, int limit, int maxWaiting, boolean prompt) {
    this.network = network;
    this.client = client;
    this.context = network.loop();
    this.limit = limit;
    this.maxWaiting = maxWaiting;
    this.prompt = prompt;
    this.headers = network.config().headers();
    this.watch = new SilenceWatch(network, this, prompt);
    network.neighbours().add(this);
  }

  @Override
  public ContextInternal context() {
    return context;
  }

  TimeSource time() {
    return network.time();
  }

  Bearer bearer() {
    return network.bearer();
  }

  ConnectErrors connectErrors() {
    return network.connectErrors();
  }

  /** How long an answer to a harmless question is waited for. */
  Duration answerTime() {
    return network.config().connectTimeout();
  }

  Map<String, String> headers() {
    return headers;
  }

  int maxAnswerBytes() {
    return network.config().maxMessageBytes();
  }

  /** It waits for credentials. */
  void ask(HttpCall call) {
    if (closed) {
      call.failed(Network.closedError(false));
      return;
    }
    asking.add(call);
    watch(call);
  }

  /** Starts a call now or when there is a connection. */
  void submit(HttpCall call) {
    if (closed) {
      call.failed(Network.closedError(false));
      return;
    }
    if (call.deadline.expired()) {
      call.expire();
      return;
    }
    HttpLink free = waiting.isEmpty() ? free() : null;
    if (free == null && waiting.size() >= maxWaiting) {
      call.failed(Network.tooMany(maxWaiting));
      return;
    }
    watch(call);
    if (free != null) {
      free.start(call);
    } else {
      waiting.add(call);
      grow();
    }
  }

  /** It does not want to wait any more. */
  void forget(HttpCall call) {
    if (!waiting.remove(call)) {
      asking.remove(call);
    }
  }

  /** A free connection to the endpoint in use, the one that was used last, so that those too many become idle; null if there is none. */
  private @Nullable HttpLink free() {
    Endpoint current = network.endpoints().current();
    for (HttpLink link = idle.pollLast(); link != null; link = idle.pollLast()) {
      if (link.endpoint().equals(current) && link.idleFor() < IDLE.toNanos()) {
        return link;
      }
      link.close();
    }
    return null;
  }

  /** A call was sent: from now on its connection should say something. */
  void sent() {
    watch.begin();
  }

  /** Its connections with a call on them, but for those that were only made to ask something. */
  List<HttpLink> busy() {
    return open.stream().filter(link -> link.call() != null && !link.call().question()).toList();
  }

  /** A call ended well on this connection. */
  void freed(HttpLink link) {
    idle.addLast(link);
    if (idleCheck == null) {
      idleCheck = LoopTimer.after(time(), context, IDLE, this::closeIdle);
    }
    serve();
  }

  /** This connection is used no more. */
  void gone(HttpLink link) {
    open.remove(link);
    idle.remove(link);
    if (!closed) {
      serve();
    }
  }

  private void serve() {
    if (serving) {
      return; // A call that ends as soon as it starts makes no deeper stack.
    }
    serving = true;
    try {
      while (!waiting.isEmpty()) {
        HttpCall next = waiting.iterator().next();
        if (next.deadline.expired()) {
          next.expire();
          continue;
        }
        HttpLink free = free();
        if (free == null) {
          break;
        }
        waiting.remove(next);
        free.start(next);
      }
    } finally {
      serving = false;
    }
    grow();
  }

  private void closeIdle() {
    idleCheck = null;
    // The first was used the longest ago.
    while (!idle.isEmpty() && idle.peekFirst().idleFor() >= IDLE.toNanos()) {
      idle.pollFirst().close();
    }
    if (!idle.isEmpty()) {
      idleCheck = LoopTimer.after(time(), context, IDLE.minusNanos(idle.peekFirst().idleFor()), this::closeIdle);
    }
  }

  /** Something arrived. */
  void hear() {
    heard++;
  }

  /** Grows with everything that arrives. */
  long heard() {
    return heard;
  }

  /** Tells who watches; see {@link Network#connected}. */
  Runnable connected(Endpoint endpoint) {
    return network.connected(endpoint);
  }

  /** A connection to this endpoint has died without a word: others may have. */
  void died(Endpoint endpoint) {
    network.neighbours().died(endpoint);
  }

  @Override
  public void suspect(Endpoint endpoint) {
    OnLoop.run(
        context,
        endpoint,
        where -> {
          List.copyOf(idle).stream().filter(link -> link.endpoint().equals(where)).forEach(HttpLink::close);
          watch.suspect(where);
        });
  }

  /**
   * A call was given up that got nothing of an answer.
   *
   * @param since when it was sent
   * @param heardThen what {@link #heard()} was then
   */
  void suspect(Standing standing, long since, long heardThen) {
    boolean silent = heard == heardThen && time().nanos() - since >= Deadline.nanos(network.config().idleProbe());
    if (prompt && silent && network.endpoints().choice() == standing) {
      standing.silent();
    }
  }

  /**
   * Makes connections for those that wait. As long as nothing was heard from an endpoint, the first one to it is waited for before others
   * are made.
   */
  private void grow() {
    while (!closed && approaches.size() < waiting.size() && used() + approaches.size() < limit && (approaches.isEmpty() || network.endpoints().choice().works())) {
      Approach<HttpDialer.Made> approach = new Approach<>(network, this);
      approaches.add(approach);
      approach.begin();
    }
  }

  /** Connections to the endpoint in use. Those to one that was left behind end with their calls and are in nobody's way. */
  private long used() {
    if (network.endpoints().size() == 1) {
      return open.size();
    }
    Endpoint current = network.endpoints().current();
    return open.stream().filter(link -> link.endpoint().equals(current)).count();
  }

  @Override
  public boolean wanted() {
    return !closed && !waiting.isEmpty();
  }

  @Override
  public Dialer<HttpDialer.Made> dialer() {
    return HttpDialer.on(network, client);
  }

  @Override
  public void ask(Approach<HttpDialer.Made> way, HttpDialer.Made made, Consumer<@Nullable TributaryException> answered) {
    ask(way.standing(), made.http(), answered);
  }

  /** Asks on this new connection whether somebody is there; if so, it is kept. */
  void ask(Standing standing, HttpClientConnection http, Consumer<@Nullable TributaryException> answered) {
    HttpLink made = new HttpLink(this, standing, http);
    open.add(made);
    HttpCall question = HttpCall.question(this, Deadline.after(time(), network.config().connectTimeout()));
    question.whenComplete((answer, error) -> answered.accept(error == null ? null : made.unanswered(Steps.unwrap(error))));
    watch(question);
    made.start(question);
  }

  @Override
  public void connected(Approach<HttpDialer.Made> way, HttpDialer.Made connection, boolean asked) {
    approaches.remove(way);
    if (asked) {
      serve(); // It is among the free ones since it was answered.
      return;
    }
    HttpLink made = new HttpLink(this, way.standing(), connection.http());
    open.add(made);
    freed(made);
  }

  @Override
  public void failed(Approach<HttpDialer.Made> way, TributaryException error) {
    approaches.remove(way);
    if (closed || waiting.isEmpty() || !approaches.isEmpty()) {
      return; // Those that wait take their turns on what there is, or on what is being made.
    }
    Endpoint current = network.endpoints().current();
    if (error.retryable() && open.stream().anyMatch(link -> link.endpoint().equals(current))) {
      grow(); // They wait for what there is, and for the next try: who has a connection may keep it for long.
      return;
    }
    for (HttpCall call : List.copyOf(waiting)) {
      if (waiting.remove(call)) {
        call.failed(error);
      }
    }
  }

  @Override
  public void unwanted(Approach<HttpDialer.Made> way) {
    approaches.remove(way);
  }

  /** One timer for the deadlines of all: the earliest one, or when a call asked for it. */
  private void watch(HttpCall call) {
    long left = Math.max(0, call.deadline.remainingNanos());
    long at = time().nanos() + left;
    if (expiry != null) {
      if (expiryAt - at <= 0) {
        return;
      }
      expiry.cancel();
    }
    expiryAt = at;
    expiry = LoopTimer.after(time(), context, Duration.ofNanos(left).plus(time().resolution()), this::expire);
  }

  private void expire() {
    expiry = null;
    for (HttpCall call : live()) {
      if (call.deadline.expired()) {
        call.expire();
      }
    }
    live().stream().min(Comparator.comparingLong(call -> call.deadline.remainingNanos())).ifPresent(this::watch);
  }

  private List<HttpCall> live() {
    List<HttpCall> live = new ArrayList<>(asking);
    live.addAll(waiting);
    open.stream().map(HttpLink::call).filter(Objects::nonNull).forEach(live::add);
    return live;
  }

  /** Ends everything. */
  void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (expiry != null) {
      expiry.cancel();
    }
    if (idleCheck != null) {
      idleCheck.cancel();
    }
    watch.end();
    network.neighbours().remove(this);
    approaches.forEach(Approach::abandon);
    approaches.clear();
    List<HttpCall> unsent = new ArrayList<>(asking);
    unsent.addAll(waiting);
    asking.clear();
    waiting.clear();
    for (HttpLink link : List.copyOf(open)) {
      link.fail(Network.closedError(link.sent()));
    }
    unsent.forEach(call -> call.failed(Network.closedError(false)));
  }
}
