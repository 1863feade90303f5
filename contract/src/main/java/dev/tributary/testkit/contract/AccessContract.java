package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.EventStream;
import dev.tributary.JobQueue;
import dev.tributary.KeyValueStore;
import dev.tributary.Transaction;
import dev.tributary.Tributary;
import dev.tributary.access.Access;
import dev.tributary.access.Acl;
import dev.tributary.access.AuditQuery;
import dev.tributary.access.Identity;
import dev.tributary.access.Permission;
import dev.tributary.access.Role;
import dev.tributary.access.User;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.ResourceKind;
import dev.tributary.admin.StreamConfig;
import dev.tributary.codec.Codecs;
import dev.tributary.config.Credentials;
import dev.tributary.config.Credentials.UserPassword;
import dev.tributary.error.AlreadyExistsException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.PermissionDeniedException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.queue.ReserveOptions;
import dev.tributary.schema.SchemaFormat;
import dev.tributary.stream.Event;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.stream.StartAt;
import dev.tributary.stream.SubscribeOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Users and what they may do. The backend asks who its clients are; those that it makes are an administrator's, unless they are given other
 * credentials.
 */
public abstract class AccessContract extends Contract {
  private static final String SECRET = "s3cr3t-0";
  private static final String NEXT = "s3cr3t-1";

  @BeforeEach
  final void requireUsers() {
    requires(Capability.ACCESS_CONTROL);
  }

  private Access access() {
    return client().access();
  }

  /** A new user. */
  private String user(String... roles) {
    String name = fresh("user");
    get(access().createUser(new UserPassword(name, SECRET), Set.of(roles)));
    return name;
  }

  private Tributary as(String user) {
    return as(user, SECRET);
  }

  private Tributary as(String user, String password) {
    return connect(config -> config.credentials(new UserPassword(user, password)));
  }

  private Tributary nobody() {
    return connect(config -> config.credentials(new Credentials.Anonymous()));
  }

  private String me() {
    return get(access().whoAmI()).orElseThrow().user();
  }

  @Test
  void everybodyLearnsWhoTheyAre() {
    String bob = user("consumer");
    assertThat(get(as(bob).access().whoAmI())).contains(new Identity(bob, Set.of("consumer")));
    assertThat(get(access().whoAmI()).orElseThrow().roles()).containsExactly("admin");
    assertThat(get(nobody().access().whoAmI())).isEmpty();
  }

  @Test
  void rolesSayWhatTheyAllow() {
    Map<String, Set<Permission>> roles = get(access().roles()).stream().collect(Collectors.toMap(Role::name, Role::permissions));
    assertThat(roles.get("admin")).containsExactlyInAnyOrder(Permission.values());
    assertThat(roles.get("producer")).containsExactly(Permission.WRITE);
    assertThat(roles.get("consumer")).containsExactly(Permission.READ);
    assertThat(roles.get("guest")).isEmpty();
  }

  @Test
  void usersAreMadeAndFoundAndChangedAndDeleted() {
    String name = fresh("user");
    User made = get(access().createUser(new UserPassword(name, SECRET), Set.of("producer", "odd-one")));
    assertThat(made.name()).isEqualTo(name);
    assertThat(made.roles()).containsExactlyInAnyOrder("producer", "odd-one");
    assertThat(made.enabled()).isTrue();
    assertThat(get(access().user(name))).isEqualTo(made);
    assertThat(get(access().users())).contains(made).isSortedAccordingTo((a, b) -> a.name().compareTo(b.name()));
    User changed = get(access().updateUser(made.withRoles(Set.of()).withEnabled(false)));
    assertThat(changed.roles()).isEmpty();
    assertThat(changed.enabled()).isFalse();
    assertThat(get(access().user(name))).isEqualTo(changed);
    failure(AlreadyExistsException.class, access().createUser(new UserPassword(name, SECRET), Set.of()));
    get(access().deleteUser(name));
    failure(NotFoundException.class, access().user(name));
    failure(NotFoundException.class, access().updateUser(made));
    failure(NotFoundException.class, access().deleteUser(name));
    failure(NotFoundException.class, access().setPassword(new UserPassword(name, NEXT)));
  }

  @Test
  void nobodyDeletesThemselves() {
    failure(InvalidRequestException.class, access().deleteUser(me()));
    assertThat(get(access().user(me())).enabled()).isTrue();
  }

  @Test
  void onesOwnPasswordIsChangedByWhoKnowsIt() {
    String bob = user("consumer");
    Tributary client = as(bob);
    failure(UnauthenticatedException.class, client.access().changePassword(NEXT, "other"));
    get(client.access().changePassword(SECRET, NEXT));
    assertThat(get(as(bob, NEXT).access().whoAmI())).isPresent();
    failure(UnauthenticatedException.class, as(bob).access().roles());
  }

  @Test
  void anAdministratorGivesOthersAPassword() {
    String bob = user();
    String eve = user();
    failure(PermissionDeniedException.class, as(eve).access().setPassword(new UserPassword(bob, NEXT)));
    get(access().setPassword(new UserPassword(bob, NEXT)));
    assertThat(get(as(bob, NEXT).access().whoAmI())).isPresent();
    failure(UnauthenticatedException.class, access().setPassword(new UserPassword(me(), NEXT)));
  }

  @Test
  void aListSaysWhoMayUseAStream() {
    String stream = stream().name().toString();
    assertThat(get(access().acl(stream))).isEmpty();
    Acl acl = Acl.of(stream).withUsers("ada", "bob").withRoles("night-shift");
    get(access().setAcl(acl));
    assertThat(get(access().acl(stream))).contains(acl);
    assertThat(get(access().acls())).contains(acl);
    get(access().setAcl(acl.withUsers()));
    assertThat(get(access().acl(stream)).orElseThrow().users()).isEmpty();
    get(access().deleteAcl(stream));
    get(access().deleteAcl(stream));
    assertThat(get(access().acl(stream))).isEmpty();
    assertThat(get(access().acls())).extracting(Acl::resource).doesNotContain(stream);
    failure(InvalidRequestException.class, access().setAcl(acl.withOpen(true)));
  }

  @Test
  void aStreamWithAListIsForThoseOnItAndForRoles() {
    EventStream<String> stream = stream();
    get(stream.publish("first"));
    String guest = user("guest");
    String listed = user();
    String shift = user("night-shift");
    String producer = user("producer");
    String consumer = user("consumer");
    assertThat(rights(guest, stream)).as("open to all users").isEqualTo("rw");
    get(access().setAcl(Acl.of(stream.name().toString()).withUsers(listed).withRoles("night-shift")));
    assertThat(rights(guest, stream)).isEqualTo("--");
    assertThat(rights(listed, stream)).isEqualTo("rw");
    assertThat(rights(shift, stream)).isEqualTo("rw");
    assertThat(rights(producer, stream)).isEqualTo("-w");
    assertThat(rights(consumer, stream)).isEqualTo("r-");
    get(access().deleteAcl(stream.name().toString()));
    assertThat(rights(guest, stream)).isEqualTo("rw");
  }

  private String rights(String user, EventStream<String> stream) {
    EventStream<String> theirs = through(as(user), stream);
    return (allowed(theirs.read(0, 0, 1)) ? "r" : "-") + (allowed(theirs.publish("more")) ? "w" : "-");
  }

  private boolean allowed(CompletableFuture<?> call) {
    try {
      await(call);
      return true;
    } catch (PermissionDeniedException refused) {
      return false;
    }
  }

  @Test
  void nothingIsDoneForWhoMayNotDoIt() {
    requires(Capability.STREAMS);
    EventStream<String> stream = stream();
    get(stream.publish("kept"));
    get(access().setAcl(Acl.of(stream.name().toString())));
    Tributary guest = as(user("guest"));
    List<Supplier<CompletableFuture<?>>> calls = new ArrayList<>();
    ofStreams(guest, through(guest, stream), calls);
    ofQueues(guest, calls);
    ofUsers(guest, calls);
    for (int i = 0; i < calls.size(); i++) {
      try {
        Object result = await(calls.get(i).get());
        throw new AssertionError("call " + i + " gave " + result);
      } catch (TributaryException error) {
        assertThat(error).as("call %s", i).isInstanceOf(PermissionDeniedException.class);
        assertThat(error.maybeApplied()).as("call %s", i).isFalse();
      }
    }
    checked(PermissionDeniedException.class, ended(subscribed(through(guest, stream))));
    assertThat(get(stream.read(0, 0, 10))).extracting(Message::value).containsExactly("kept");
  }

  private void ofStreams(Tributary guest, EventStream<String> stream, List<Supplier<CompletableFuture<?>>> calls) {
    String name = stream.name().toString();
    calls.add(() -> stream.publish("no"));
    calls.add(() -> stream.read(0, 0, 1));
    calls.add(stream::partitions);
    calls.add(() -> stream.latestOffset(0));
    calls.add(() -> stream.commit("g", new Position(0, 0)));
    calls.add(() -> stream.committed("g", 0));
    calls.add(() -> guest.admin().createStream(fresh("stream"), StreamConfig.DEFAULT));
    calls.add(() -> guest.admin().delete(ResourceKind.STREAM, name));
    if (has(Capability.GROUP_LISTING)) {
      calls.add(stream::groups);
    }
    if (has(Capability.GROUP_DELETION)) {
      calls.add(() -> stream.deleteGroup("g"));
    }
    if (has(Capability.EVENT_DELAY)) {
      calls.add(() -> stream.publish(Event.builder("no").delay(Duration.ofSeconds(1)).build()));
    }
    if (has(Capability.STREAM_DEAD_LETTERS)) {
      calls.add(() -> stream.deadLetters().list(10));
      calls.add(() -> stream.deadLetters().replay("x"));
      calls.add(() -> stream.deadLetters().purge());
    }
    if (has(Capability.TRANSACTIONS)) {
      calls.add(() -> guest.transaction().thenCompose((Transaction begun) -> begun.publish(stream, Event.of("no"))));
    }
    if (has(Capability.CLUSTER)) {
      calls.add(() -> guest.cluster().leaders(name));
    }
    if (has(Capability.SCHEMAS)) {
      String subject = fresh("subject");
      get(client().schemas().register(subject, SchemaFormat.JSON, "{\"type\":\"object\"}"));
      calls.add(() -> guest.schemas().delete(subject, 1));
    }
  }

  private static Probe<Message<String>> subscribed(EventStream<String> stream) {
    return Probe.of(stream.subscribe(SubscribeOptions.from(StartAt.earliest())));
  }

  private void ofQueues(Tributary guest, List<Supplier<CompletableFuture<?>>> calls) {
    if (has(Capability.QUEUES)) {
      String name = fresh("queue");
      backend().createQueue(name, QueueConfig.DEFAULT);
      get(access().setAcl(Acl.of(name)));
      JobQueue<String> queue = guest.queue(name, Codecs.text());
      calls.add(() -> queue.enqueue("no"));
      calls.add(() -> queue.reserve());
      calls.add(() -> queue.receive(2, ReserveOptions.DEFAULT));
      calls.add(queue::stats);
      calls.add(queue::purge);
      calls.add(() -> guest.admin().delete(ResourceKind.QUEUE, name));
    }
    if (has(Capability.KEY_VALUE)) {
      String name = fresh("store");
      backend().createKeyValue(name);
      get(access().setAcl(Acl.of(name)));
      KeyValueStore<String> store = guest.keyValue(name, Codecs.text());
      calls.add(() -> store.put("k", "v"));
      calls.add(() -> store.get("k"));
      calls.add(() -> store.delete("k"));
      calls.add(() -> store.keys(""));
    }
  }

  private void ofUsers(Tributary guest, List<Supplier<CompletableFuture<?>>> calls) {
    String bob = user();
    Access theirs = guest.access();
    calls.add(() -> theirs.createUser(new UserPassword("eve", SECRET), Set.of()));
    calls.add(() -> theirs.user(bob));
    calls.add(theirs::users);
    calls.add(() -> theirs.updateUser(get(access().user(bob))));
    calls.add(() -> theirs.deleteUser(bob));
    calls.add(() -> theirs.setPassword(new UserPassword(bob, NEXT)));
    calls.add(() -> theirs.setAcl(Acl.of("s")));
    calls.add(() -> theirs.acl("s"));
    calls.add(theirs::acls);
    calls.add(() -> theirs.deleteAcl("s"));
    if (has(Capability.AUDIT)) {
      calls.add(() -> theirs.audit().search(AuditQuery.NEWEST));
    }
  }

  @Test
  void whoIsDisabledIsOutAtOnceAndWhoIsEnabledIsBack() {
    EventStream<String> stream = stream();
    String bob = user("producer", "consumer");
    EventStream<String> theirs = through(as(bob), stream);
    get(theirs.publish("one"));
    Probe<Message<String>> open = subscribed(theirs);
    await("the first message", () -> open.count() == 1);
    User user = get(access().user(bob));
    get(access().updateUser(user.withEnabled(false)));
    failure(UnauthenticatedException.class, theirs.publish("two"));
    failure(UnauthenticatedException.class, theirs.read(0, 0, 1));
    checked(UnauthenticatedException.class, ended(open));
    get(access().updateUser(user));
    get(theirs.publish("two"));
    get(access().deleteUser(bob));
    failure(UnauthenticatedException.class, theirs.publish("three"));
    assertThat(get(stream.read(0, 0, 10))).extracting(Message::value).containsExactly("one", "two");
  }

  /** Why it ended. */
  private @Nullable Throwable ended(Probe<?> probe) {
    await("the end", () -> probe.ends() > 0);
    return probe.error();
  }

  @Test
  void whoMayNotReadAnyMoreReadsNoMore() {
    EventStream<String> stream = stream();
    String guest = user("guest");
    Probe<Message<String>> open = subscribed(through(as(guest), stream));
    get(stream.publish("seen"));
    await("the first message", () -> open.count() == 1);
    get(access().setAcl(Acl.of(stream.name().toString())));
    checked(PermissionDeniedException.class, ended(open));
  }

  @Test
  void whoIsNobodyHasNothingToDoWithUsers() {
    Access theirs = nobody().access();
    failure(UnauthenticatedException.class, theirs.roles());
    failure(UnauthenticatedException.class, theirs.users());
    failure(UnauthenticatedException.class, theirs.changePassword(SECRET, NEXT));
    failure(UnauthenticatedException.class, theirs.setAcl(Acl.of("s")));
  }

  @Test
  void badInputIsRefusedBeforeAnythingIsSent() {
    String long256 = "x".repeat(256);
    Set<String> many = IntStream.range(0, 101).mapToObj(i -> "r" + i).collect(Collectors.toSet());
    User user = get(access().user(me()));
    long before = backend().sent(client());
    for (String wrong : List.of("", long256, "a\nb", "half \ud800")) {
      failure(InvalidRequestException.class, access().createUser(new UserPassword(wrong, SECRET), Set.of()));
      failure(InvalidRequestException.class, access().createUser(new UserPassword("eve", SECRET), Set.of(wrong)));
      failure(InvalidRequestException.class, access().user(wrong));
      failure(InvalidRequestException.class, access().deleteUser(wrong));
      failure(InvalidRequestException.class, access().setPassword(new UserPassword(wrong, SECRET)));
      failure(InvalidRequestException.class, access().updateUser(user.withRoles(Set.of(wrong))));
      failure(InvalidRequestException.class, access().setAcl(Acl.of("s").withUsers(wrong)));
      failure(InvalidRequestException.class, access().setAcl(Acl.of("s").withRoles(wrong)));
    }
    for (String wrong : List.of("", SECRET.repeat(200), SECRET + "\ud800")) {
      for (CompletableFuture<?> call : List.of(
          access().createUser(new UserPassword("eve", wrong), Set.of()),
          access().setPassword(new UserPassword("eve", wrong)),
          access().changePassword(wrong, SECRET),
          access().changePassword(SECRET, wrong))) {
        assertThat(failure(InvalidRequestException.class, call)).hasMessageNotContaining(SECRET);
      }
    }
    failure(InvalidRequestException.class, access().createUser(new UserPassword("eve", SECRET), many));
    failure(InvalidRequestException.class, access().setAcl(Acl.of("s").withUsers(many.toArray(String[]::new))));
    failure(InvalidRequestException.class, access().acl(""));
    failure(InvalidRequestException.class, access().setAcl(Acl.of("")));
    assertThat(backend().sent(client())).isEqualTo(before);
  }

  @Test
  void aWrongPasswordIsInNoError() {
    Tributary wrong = as(me(), NEXT);
    UnauthenticatedException error = failure(UnauthenticatedException.class, wrong.access().whoAmI());
    assertThat(error).hasMessageNotContaining(NEXT);
    assertThat(String.valueOf(error.getCause())).doesNotContain(NEXT);
  }
}
