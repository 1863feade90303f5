package dev.tributary.testkit.server.flymq.internal.calls;

import dev.tributary.access.Acl;
import dev.tributary.access.Identity;
import dev.tributary.access.Permission;
import dev.tributary.access.Role;
import dev.tributary.access.User;
import dev.tributary.config.Credentials.UserPassword;
import dev.tributary.engine.access.Directory;
import dev.tributary.engine.access.Refused;
import dev.tributary.engine.access.Trail.Deed;
import dev.tributary.testkit.server.flymq.internal.calls.Operations.Call;
import dev.tributary.testkit.server.flymq.internal.calls.Operations.Operation;
import dev.tributary.testkit.server.flymq.internal.link.Client;
import dev.tributary.testkit.server.flymq.internal.store.Topics;
import dev.tributary.vertx.internal.flymq.wire.Answers;
import dev.tributary.vertx.internal.flymq.wire.Message;
import dev.tributary.vertx.internal.flymq.wire.Opcode;
import dev.tributary.vertx.internal.flymq.wire.Requests;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Who somebody is, who there is, and what they may do. */
public final class AccessCalls {
  /** Topics without a list are open to every user. */
  private static final boolean PUBLIC_BY_DEFAULT = true;

  private final Directory directory;
  private final Topics topics;
  private final Audited audited;
  private final Executor workers;

  /** {@code workers} make and know passwords. */
  public AccessCalls(Directory directory, Topics topics, Audited audited, Executor workers) {
    this.directory = directory;
    this.topics = topics;
    this.audited = audited;
    this.workers = workers;
  }

  public void on(Operations operations) {
    operations
        .on(Opcode.AUTH, Requests.Login.class, slow((request, call) -> login(request, call.client())))
        .on(Opcode.WHOAMI, Message.class, now((nothing, call) -> who(directory.who(call.client().user()))))
        .on(Opcode.USER_CREATE, Requests.User.class, managed(slow(this::create)))
        .on(Opcode.USER_DELETE, Requests.Name.class, managed(now(this::delete)))
        .on(Opcode.USER_UPDATE, Requests.User.class, managed(now(this::update)))
        .on(Opcode.USER_LIST, Message.class, managed(now((nothing, call) -> users())))
        .on(Opcode.USER_GET, Requests.Name.class, managed(now((request, call) -> user(request.name()))))
        .on(Opcode.PASSWORD_CHANGE, Requests.User.class, managed(slow(this::changePassword)))
        .on(Opcode.ROLE_LIST, Message.class, managed(now((nothing, call) -> roles())))
        .on(Opcode.ACL_SET, Requests.SetAcl.class, managed(now(this::setAcl)))
        .on(Opcode.ACL_GET, Requests.Name.class, managed(now((request, call) -> acl(request.name()))))
        .on(Opcode.ACL_DELETE, Requests.Name.class, managed(now(this::deleteAcl)))
        .on(Opcode.ACL_LIST, Message.class, managed(now((nothing, call) -> acls())));
  }

  /** Only where there are users. */
  private <Q> Operation<Q> managed(Operation<Q> operation) {
    return (request, call) -> {
      directory.requireOn();
      return operation.answer(request, call);
    };
  }

  private static <Q> Operation<Q> now(BiFunction<Q, Call, Message> answer) {
    return (request, call) -> CompletableFuture.completedFuture(answer.apply(request, call));
  }

  /** What takes a while is not done on the event loop. */
  private <Q> Operation<Q> slow(BiFunction<Q, Call, Message> answer) {
    return (request, call) -> CompletableFuture.supplyAsync(() -> answer.apply(request, call), workers);
  }

  /** Whom it is not stays whom it was. */
  private Message login(Requests.Login request, Client client) {
    try {
      Identity identity = directory.login(new UserPassword(request.user(), request.password()));
      client.loggedIn(identity.user());
      audited.loggedIn(identity.user(), client, "");
      return who(Optional.of(identity));
    } catch (Refused refused) {
      audited.loggedIn(request.user(), client, refused.text());
      return new Answers.Identity(false, "", List.of(), refused.text());
    }
  }

  private static Message who(Optional<Identity> identity) {
    return identity
        .map(known -> new Answers.Identity(true, known.user(), sorted(known.roles()), ""))
        .orElse(new Answers.Identity(false, "", List.of(), ""));
  }

  private Message create(Requests.User request, Call call) {
    User user = directory.create(new UserPassword(request.user(), request.password()), new HashSet<>(request.roles()));
    audited.did(Deed.of("user.create", user.name()), call);
    return new Answers.User(user.name(), sorted(user.roles()), List.of(), true, 0, 0);
  }

  private Message delete(Requests.Name request, Call call) {
    directory.delete(call.client().user(), request.name());
    audited.did(Deed.of("user.delete", request.name()), call);
    return new Answers.Outcome(true, request.name());
  }

  private Message update(Requests.User request, Call call) {
    directory.update(request.user(), new HashSet<>(request.roles()), request.enabled());
    return new Answers.Outcome(true, request.user());
  }

  private Message users() {
    return new Answers.Users(directory.users().stream().map(user -> shown(user, List.of())).toList());
  }

  private Message user(String name) {
    User user = directory.user(name);
    return shown(
        user,
        directory.roles().stream()
            .filter(role -> user.roles().contains(role.name()))
            .flatMap(role -> permissions(role).stream())
            .distinct()
            .sorted()
            .toList());
  }

  private static Answers.User shown(User user, List<String> permissions) {
    return new Answers.User(user.name(), sorted(user.roles()), permissions, user.enabled(), second(user.created()), second(user.updated()));
  }

  private static long second(@Nullable Instant time) {
    return time == null ? 0 : time.getEpochSecond();
  }

  private Message roles() {
    return new Answers.Roles(
        directory.roles().stream().map(role -> new Answers.Role(role.name(), permissions(role), role.description())).toList());
  }

  private static List<String> permissions(Role role) {
    return role.permissions().stream().sorted().map(permission -> permission.name().toLowerCase(Locale.ROOT)).toList();
  }

  private Message changePassword(Requests.User request, Call call) {
    String who = call.client().user();
    if (request.user().equals(who)) {
      directory.changePassword(new UserPassword(who, request.oldPassword()), request.password());
    } else {
      directory.check(who, Permission.ADMIN, null);
      directory.setPassword(new UserPassword(request.user(), request.password()));
    }
    return new Answers.Outcome(true, request.user());
  }

  private Message setAcl(Requests.SetAcl request, Call call) {
    directory.set(
        topics.full("topic", request.topic()),
        new Acl(request.topic(), request.isPublic(), new HashSet<>(request.users()), new HashSet<>(request.roles())));
    return new Answers.AclDone(true, request.topic());
  }

  private Message acl(String topic) {
    return directory
        .acl(topics.full("topic", topic))
        .map(acl -> new Answers.Acl(topic, true, false, false, sorted(acl.users()), sorted(acl.roles())))
        .orElseGet(() -> new Answers.Acl(topic, false, false, PUBLIC_BY_DEFAULT, List.of(), List.of()));
  }

  private Message deleteAcl(Requests.Name request, Call call) {
    directory.unset(topics.full("topic", request.name()));
    return new Answers.AclDone(true, request.name());
  }

  private Message acls() {
    return new Answers.Acls(
        directory.acls().stream()
            .flatMap(
                acl ->
                    topics.flat(acl.resource()).stream()
                        .map(topic -> new Answers.ListedAcl(topic, true, false, sorted(acl.users()), sorted(acl.roles()))))
            .toList(),
        PUBLIC_BY_DEFAULT);
  }

  private static List<String> sorted(Collection<String> names) {
    return names.stream().sorted().toList();
  }
}
