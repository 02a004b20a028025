"""The symbols of LaTeX mathematics (amsmath and amssymb) as Unicode characters."""

from __future__ import annotations

_GREEK = (
    "alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ lambda λ mu μ nu ν xi ξ pi π "
    "varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi ϕ varphi φ chi χ psi ψ omega ω omicron ο "
    "Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω"
)
_SYMBOLS = (
    "times × cdot ⋅ div ÷ pm ± mp ∓ ast ∗ star ⋆ circ ∘ bullet • oplus ⊕ ominus ⊖ otimes ⊗ odot ⊙ wedge ∧ vee ∨ land ∧ lor ∨ lnot ¬ neg ¬ "
    "leq ≤ le ≤ geq ≥ ge ≥ neq ≠ ne ≠ approx ≈ equiv ≡ sim ∼ simeq ≃ cong ≅ propto ∝ ll ≪ gg ≫ prec ≺ succ ≻ doteq ≐ mid ∣ nmid ∤ "
    "parallel ∥ perp ⊥ in ∈ notin ∉ ni ∋ subset ⊂ supset ⊃ subseteq ⊆ supseteq ⊇ subsetneq ⊊ cup ∪ cap ∩ setminus ∖ emptyset ∅ "
    "varnothing ∅ forall ∀ exists ∃ nexists ∄ therefore ∴ because ∵ to → rightarrow → leftarrow ← gets ← leftrightarrow ↔ Rightarrow ⇒ "
    "Leftarrow ⇐ Leftrightarrow ⇔ implies ⟹ impliedby ⟸ iff ⟺ mapsto ↦ longrightarrow ⟶ longleftarrow ⟵ longmapsto ⟼ hookrightarrow ↪ "
    "uparrow ↑ downarrow ↓ updownarrow ↕ rightharpoonup ⇀ rightleftharpoons ⇌ infty ∞ partial ∂ nabla ∇ sum ∑ prod ∏ coprod ∐ int ∫ "
    "iint ∬ iiint ∭ oint ∮ bigcup ⋃ bigcap ⋂ bigoplus ⨁ bigotimes ⨂ ldots … dots … cdots ⋯ vdots ⋮ ddots ⋱ hbar ℏ ell ℓ Re ℜ Im ℑ "
    "aleph ℵ wp ℘ angle ∠ triangle △ square □ degree ° prime ′ dagger † ddagger ‡ S § langle ⟨ rangle ⟩ lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ "
    "lvert | rvert | vert | Vert ‖ lVert ‖ rVert ‖ | ‖ { { } } % % # # $ $ & & _ _ lbrace { rbrace } backslash ∖ colon : "
    "vdash ⊢ models ⊨ top ⊤ bot ⊥ imath ı jmath ȷ checkmark ✓ blacksquare ■ Box □ lesssim ≲ gtrsim ≳ asymp ≍ bowtie ⋈ complement ∁ surd √"
)
_ACCENTS = "hat ̂ widehat ̂ bar ̄ vec ⃗ dot ̇ ddot ̈ tilde ̃ widetilde ̃ acute ́ grave ̀ breve ̆ check ̌ mathring ̊ overrightarrow ⃗"


def _pairs(text: str) -> dict[str, str]:
    parts = text.split()
    return dict(zip(parts[::2], parts[1::2], strict=True))


GREEK = _pairs(_GREEK)
SYMBOLS = _pairs(_SYMBOLS)
ACCENTS = _pairs(_ACCENTS)
_OPERATORS = (
    "sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh coth log ln lg exp lim max min sup inf det dim ker deg gcd arg hom Pr mod"
)
NAMED_OPERATORS = {name: name for name in _OPERATORS.split()} | {
    "argmax": "arg max",
    "argmin": "arg min",
    "limsup": "lim sup",
    "liminf": "lim inf",
    "bmod": "mod",
}
STYLES = {
    "mathrm": "upright",
    "mathbf": "bold",
    "boldsymbol": "bold",
    "bm": "bold",
    "mathbb": "blackboard",
    "mathcal": "calligraphic",
    "mathscr": "calligraphic",
    "mathfrak": "fraktur",
    "mathsf": "sans",
    "mathit": "italic",
    "mathtt": "mono",
}
SPACES = {",": 0.17, ":": 0.22, ";": 0.28, "!": -0.17, " ": 0.25, "quad": 1.0, "qquad": 2.0, "thinspace": 0.17, "enspace": 0.5}
DELIMITERS = {
    **{mark: mark for mark in "()[]|/"},
    ".": "",
    "<": "⟨",
    ">": "⟩",
    "\\{": "{",
    "\\}": "}",
    "\\|": "‖",
    "\\langle": "⟨",
    "\\rangle": "⟩",
    "\\lfloor": "⌊",
    "\\rfloor": "⌋",
    "\\lceil": "⌈",
    "\\rceil": "⌉",
    "\\lvert": "|",
    "\\rvert": "|",
    "\\lVert": "‖",
    "\\rVert": "‖",
    "\\vert": "|",
    "\\Vert": "‖",
    "\\lbrace": "{",
    "\\rbrace": "}",
    "\\uparrow": "↑",
    "\\downarrow": "↓",
}
