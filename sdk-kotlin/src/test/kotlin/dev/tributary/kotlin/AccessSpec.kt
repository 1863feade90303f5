package dev.tributary.kotlin

import dev.tributary.access.Acl
import dev.tributary.access.AuditFormat
import dev.tributary.access.AuditQuery
import dev.tributary.access.Permission
import dev.tributary.config.ClientConfig
import dev.tributary.config.Credentials
import dev.tributary.config.Credentials.UserPassword
import dev.tributary.engine.MemoryEngine
import dev.tributary.error.NotFoundException
import dev.tributary.error.PermissionDeniedException
import dev.tributary.error.UnauthenticatedException
import dev.tributary.testkit.VirtualTime
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldStartWith
import kotlinx.coroutines.test.runTest

class AccessSpec :
  FunSpec({
    test("users are managed, and do what they may") {
      runTest {
        val time = VirtualTime()
        val engine = MemoryEngine.builder().time(time).administrator("ada", "secret").build()
        fun client(credentials: Credentials): Tributary =
          Tributary.over(
            engine.connect(Credentials.Provider.of(credentials)),
            ClientConfig.builder("memory").time(time).callbackExecutor(ClientConfig.INLINE).build(),
          )
        val access = client(UserPassword("ada", "secret")).access
        access.whoAmI()?.user shouldBe "ada"
        client(Credentials.Anonymous()).access.whoAmI().shouldBeNull()
        access.roles().single { it.name == "producer" }.permissions shouldBe setOf(Permission.WRITE)
        val bob = access.createUser(UserPassword("bob", "one"), setOf("guest"))
        access.users().map { it.name } shouldContainExactly listOf("ada", "bob")
        val theirs = client(UserPassword("bob", "one"))
        theirs.stream("s").publish(ByteArray(1))
        access.acl("s").shouldBeNull()
        access.setAcl(Acl.of("s").withUsers("eve"))
        access.acl("s")?.users shouldBe setOf("eve")
        access.acls().size shouldBe 1
        shouldThrow<PermissionDeniedException> { theirs.stream("s").publish(ByteArray(1)) }
        access.deleteAcl("s")
        theirs.access.changePassword("one", "two")
        access.setPassword(UserPassword("bob", "three"))
        client(UserPassword("bob", "three")).access.whoAmI()?.user shouldBe "bob"
        access.updateUser(bob.withEnabled(false)).enabled shouldBe false
        shouldThrow<UnauthenticatedException> { theirs.stream("s").publish(ByteArray(1)) }
        access.deleteUser("bob")
        shouldThrow<NotFoundException> { access.user("bob") }
        access.audit.search().first().type shouldBe "user.delete"
        access.audit.export(AuditQuery.NEWEST, AuditFormat.CSV).decodeToString() shouldStartWith "ID,"
        val cluster = client(UserPassword("ada", "secret")).cluster
        cluster.nodes().map { it.id } shouldContainExactly listOf("memory")
        cluster.leaders("s").map { it.node?.id } shouldContainExactly listOf("memory")
        engine.close()
      }
    }
  })
