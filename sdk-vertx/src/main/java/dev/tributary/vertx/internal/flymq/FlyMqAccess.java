package dev.tributary.vertx.internal.flymq;

import dev.tributary.ResourceName;
import dev.tributary.access.Acl;
import dev.tributary.access.AuditEvent;
import dev.tributary.access.AuditQuery;
import dev.tributary.access.AuditResult;
import dev.tributary.access.Identity;
import dev.tributary.access.Permission;
import dev.tributary.access.Role;
import dev.tributary.access.User;
import dev.tributary.config.Credentials.UserPassword;
import dev.tributary.error.AlreadyExistsException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.NotFoundException;
import dev.tributary.spi.AccessTransport;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.Message;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Users of a FlyMQ server, the lists of topics, and the audit trail. A node of a cluster says that a change is done before it looks at it: so it is
 * looked before, and looked afterwards until it is so. What is about users goes to nobody who has not asked who it is from: such a public server goes
 * down.
 */
final class FlyMqAccess implements AccessTransport {
  private final FlyMqCaller caller;
  private final FlyMqMapping mapping;
  private final Confirmation confirmation;

  FlyMqAccess(FlyMqCaller caller, FlyMqMapping mapping, Confirmation confirmation) {
    this.caller = caller;
    this.mapping = mapping;
    this.confirmation = confirmation;
  }

  @Override
  public CompletableFuture<Optional<Identity>> whoAmI(Deadline deadline) {
    return Steps.map(
        caller.call(Opcode.WHOAMI, "", Message.EMPTY, Answers.Identity.class, deadline),
        answer -> answer.success() ? Optional.of(new Identity(answer.user(), new HashSet<>(answer.roles()))) : Optional.empty());
  }

  @Override
  public CompletableFuture<List<Role>> roles(Deadline deadline) {
    return Steps.map(
        caller.call(Opcode.ROLE_LIST, "", Message.EMPTY, Answers.Roles.class, deadline),
        answer ->
            answer.roles().stream()
                .map(role -> new Role(role.name(), permissions(role.permissions()), role.description()))
                .sorted(Comparator.comparing(Role::name))
                .toList());
  }

  private static Set<Permission> permissions(List<String> names) {
    return Arrays.stream(Permission.values()).filter(one -> names.contains(lower(one))).collect(Collectors.toUnmodifiableSet());
  }

  private static String lower(Enum<?> name) {
    return name.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public CompletableFuture<User> createUser(UserPassword user, Set<String> roles, Deadline deadline) {
    String name = user.user();
    return Steps.then(
        find(name, deadline),
        there -> {
          if (there.isPresent()) {
            throw new AlreadyExistsException(ErrorInfo.of("user \"" + name + "\" already exists", "Use the one that is there, or another name"));
          }
          return Steps.then(
              change(Opcode.USER_CREATE, name, new Requests.User(name, user.password(), "", sorted(roles), true), Answers.User.class, deadline),
              made -> confirmed(name, now -> now.roles().equals(roles), "is made with these roles", deadline));
        });
  }

  private CompletableFuture<Optional<User>> find(String name, Deadline deadline) {
    return Steps.recover(
        Steps.map(user(name, deadline), Optional::of), NotFoundException.class, nobody -> CompletableFuture.completedFuture(Optional.empty()));
  }

  private <A extends Message> CompletableFuture<A> change(Opcode opcode, String name, Message request, Class<A> type, Deadline deadline) {
    return caller.call(opcode, about(name), request, type, deadline);
  }

  /** What concerns one user is done in its order. */
  private static String about(String name) {
    return "user " + name;
  }

  /** The user as soon as it is so. */
  private CompletableFuture<User> confirmed(String name, Function<User, Boolean> holds, String what, Deadline deadline) {
    return Steps.then(
        confirmation.until(
            () -> Steps.map(find(name, deadline), now -> now.map(holds).orElse(false)), "user \"" + name + "\" " + what),
        done -> user(name, deadline));
  }

  @Override
  public CompletableFuture<User> user(String name, Deadline deadline) {
    return Steps.map(change(Opcode.USER_GET, name, new Requests.Name(name), Answers.User.class, deadline), FlyMqAccess::user);
  }

  @Override
  public CompletableFuture<List<User>> users(Deadline deadline) {
    return Steps.map(
        caller.call(Opcode.USER_LIST, "", Message.EMPTY, Answers.Users.class, deadline),
        answer -> answer.users().stream().map(FlyMqAccess::user).sorted(Comparator.comparing(User::name)).toList());
  }

  private static User user(Answers.User user) {
    return new User(user.user(), new HashSet<>(user.roles()), user.enabled(), time(user.createdAt()), time(user.updatedAt()));
  }

  private static @Nullable Instant time(long second) {
    return second <= 0 || second > Instant.MAX.getEpochSecond() ? null : Instant.ofEpochSecond(second);
  }

  @Override
  public CompletableFuture<User> updateUser(User user, Deadline deadline) {
    Requests.User request = new Requests.User(user.name(), "", "", sorted(user.roles()), user.enabled());
    return Steps.then(
        user(user.name(), deadline),
        before ->
            Steps.then(
                change(Opcode.USER_UPDATE, user.name(), request, Answers.Outcome.class, deadline),
                updated ->
                    confirmed(
                        user.name(),
                        now -> now.enabled() == user.enabled() && now.roles().equals(user.roles()),
                        user.enabled() ? "has these roles" : "is disabled, which public clusters never do: take its roles, or delete it",
                        deadline)));
  }

  @Override
  public CompletableFuture<Void> deleteUser(String name, Deadline deadline) {
    return Steps.then(
        user(name, deadline),
        before ->
            Steps.then(
                change(Opcode.USER_DELETE, name, new Requests.Name(name), Answers.Outcome.class, deadline),
                deleted ->
                    confirmation.until(() -> Steps.map(find(name, deadline), Optional::isEmpty), "user \"" + name + "\" is deleted")));
  }

  @Override
  public CompletableFuture<Void> changePassword(UserPassword current, UserPassword next, Deadline deadline) {
    return password(new Requests.User(current.user(), next.password(), current.password(), List.of(), true), deadline);
  }

  @Override
  public CompletableFuture<Void> setPassword(UserPassword user, Deadline deadline) {
    return password(new Requests.User(user.user(), user.password(), "", List.of(), true), deadline);
  }

  private CompletableFuture<Void> password(Requests.User request, Deadline deadline) {
    return Steps.map(change(Opcode.PASSWORD_CHANGE, request.user(), request, Answers.Outcome.class, deadline), changed -> null);
  }

  @Override
  public CompletableFuture<Void> setAcl(ResourceName resource, Acl acl, Deadline deadline) {
    String topic = mapping.topic(resource);
    Acl wanted = new Acl(resource.toString(), acl.open(), acl.users(), acl.roles());
    return Steps.then(
        caller.call(
            Opcode.ACL_SET,
            topic,
            new Requests.SetAcl(topic, acl.open(), sorted(acl.users()), sorted(acl.roles())),
            Answers.AclDone.class,
            deadline),
        set ->
            confirmation.until(
                () -> Steps.map(acl(resource, deadline), now -> now.filter(wanted::equals).isPresent()), "the list of " + topic + " is set"));
  }

  @Override
  public CompletableFuture<Optional<Acl>> acl(ResourceName resource, Deadline deadline) {
    String topic = mapping.topic(resource);
    return Steps.map(
        caller.call(Opcode.ACL_GET, topic, new Requests.Name(topic), Answers.Acl.class, deadline),
        answer -> answer.exists() ? Optional.of(acl(resource.toString(), answer.isPublic(), answer.users(), answer.roles())) : Optional.empty());
  }

  @Override
  public CompletableFuture<List<Acl>> acls(Deadline deadline) {
    return Steps.map(
        caller.call(Opcode.ACL_LIST, "", Message.EMPTY, Answers.Acls.class, deadline),
        answer ->
            answer.acls().stream()
                .map(one -> acl(mapping.nameOr(one.topic()), one.isPublic(), one.users(), one.roles()))
                .sorted(Comparator.comparing(Acl::resource))
                .toList());
  }

  private static Acl acl(String resource, boolean open, List<String> users, List<String> roles) {
    return new Acl(resource, open, new HashSet<>(users), new HashSet<>(roles));
  }

  @Override
  public CompletableFuture<Void> deleteAcl(ResourceName resource, Deadline deadline) {
    String topic = mapping.topic(resource);
    return Steps.then(
        caller.call(Opcode.ACL_DELETE, topic, new Requests.Name(topic), Answers.AclDone.class, deadline),
        deleted -> confirmation.until(() -> Steps.map(acl(resource, deadline), Optional::isEmpty), "the list of " + topic + " is deleted"));
  }

  /** A server is asked for whole seconds, and says milliseconds: what is not meant is sorted out here. */
  @Override
  public CompletableFuture<AuditPage> audit(AuditQuery query, int from, int max, Deadline deadline) {
    long start = query.from() == null ? 0 : Math.max(0, query.from().getEpochSecond());
    long end = query.to() == null ? 0 : query.to().minusMillis(1).getEpochSecond();
    if (query.to() != null && end <= 0) {
      return CompletableFuture.completedFuture(new AuditPage(List.of(), OptionalInt.empty()));
    }
    Requests.AuditQuery request =
        new Requests.AuditQuery(
            start,
            end,
            sorted(query.types()),
            orEmpty(query.user()),
            orEmpty(query.resource()),
            query.result() == null ? "" : lower(query.result()),
            orEmpty(query.text()),
            max,
            from);
    return Steps.map(
        caller.call(Opcode.AUDIT_QUERY, "", request, Answers.AuditEvents.class, deadline),
        answer -> {
          int read = answer.events().size();
          return new AuditPage(
              answer.events().stream().map(FlyMqAccess::event).filter(event -> isWithin(event.time(), query)).toList(),
              answer.hasMore() && read > 0 ? OptionalInt.of(from + read) : OptionalInt.empty());
        });
  }

  private static boolean isWithin(Instant time, AuditQuery query) {
    return (query.from() == null || !time.isBefore(query.from())) && (query.to() == null || time.isBefore(query.to()));
  }

  private static AuditEvent event(Answers.AuditEvent event) {
    return new AuditEvent(
        event.id(),
        Instant.ofEpochMilli(event.timestamp()),
        event.type(),
        event.user(),
        event.clientIp(),
        event.resource(),
        event.action(),
        result(event.result()),
        event.node(),
        event.details().stream().collect(Collectors.toMap(Answers.Detail::key, Answers.Detail::value, (first, again) -> again)));
  }

  private static AuditResult result(String text) {
    return Arrays.stream(AuditResult.values()).filter(one -> lower(one).equals(text)).findFirst().orElse(AuditResult.OTHER);
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  private static List<String> sorted(Collection<String> names) {
    return names.stream().sorted().toList();
  }
}
